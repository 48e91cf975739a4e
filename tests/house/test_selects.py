"""Our template of a select: the same as Django's, and no slower for its options."""

from collections import Counter

from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.template import Template
from django.test.signals import template_rendered
from pytest_django.asserts import assertHTMLEqual

CHOICES = [
    ("", "—"),
    ("fr", "<b>French & Co</b>"),
    ("Zones", [("Europe/Paris", "Europe/Paris"), (7, "seven")]),
]


class WithAttributes(forms.Select):
    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"disabled": value == "fr", "data-kind": '"<'}
        return option


def test_a_select_is_drawn_as_django_draws_it():
    widget = WithAttributes(attrs={"class": "wide", "required": True}, choices=CHOICES)
    theirs, ours = (
        widget.render("zone", "7", renderer=renderer)
        for renderer in (DjangoTemplates(), get_default_renderer())
    )

    assertHTMLEqual(ours, theirs)
    assert '<option value="7" selected data-kind="&quot;&lt;">seven</option>' in ours


def test_options_cost_no_template_each():
    used: Counter[str | None] = Counter()

    def count(template: Template, **facts: object) -> None:
        used[template.name] += 1

    template_rendered.connect(count)
    try:
        forms.Select(choices=[(n, n) for n in range(500)]).render("zone", "7")
    finally:
        template_rendered.disconnect(count)

    assert used == {
        "django/forms/widgets/select.html": 1,
        "django/forms/widgets/attrs.html": 1,
    }
