"""Every class that a page gives its elements is in a style sheet it loads."""

import re
from pathlib import Path

import unfold
from django.template.loader import get_template
from unfold.settings import CONFIG_DEFAULTS

from tests.support.programs import ROOT

OWN = ROOT / "backoffice" / "static" / "backoffice" / "backoffice.css"
UNFOLD = Path(unfold.__file__).parent / "static" / "unfold" / "css" / "styles.css"
CLASS = re.compile(r'\bclass="([^"]*)"')
TEMPLATE_CODE = re.compile(r"{[{%].*?[%}]}")
# Paper has a style sheet of its own; these tabs are unfold's template.
APART = {
    "paper.html",
    "paper_pick_list.html",
    "paper_slips.html",
    "fieldsets_tabs.html",
    # What the theme's script looks for.
    "actions.html",
    # It carries its own style, since what is broken may keep all else away.
    "alone.html",
}

# What the content policy refuses inside a page.
REFUSED = re.compile(
    r"<(?:script|style)(?![^>]*(?:\bsrc=|\bnonce=))|\s(?:style|on\w+|hx-on\S*)=|javascript:"
)
THEMES = re.compile(r'"(unfold/(?:components|helpers)/[\w/]+\.html)"')


def test_no_page_uses_a_class_that_no_style_sheet_has():
    sheets = UNFOLD.read_text() + OWN.read_text()
    held = {
        name.replace("\\", "") for name in re.findall(r"\.((?:\\.|[\w-])+)", sheets)
    }
    pages = [
        page for page in ROOT.glob("*/templates/**/*.html") if page.name not in APART
    ]

    unknown = {
        f"{page.name}: {name}"
        for page in pages
        for classes in CLASS.findall(TEMPLATE_CODE.sub(" ", page.read_text()))
        for name in classes.split()
        # A name that ends so goes on with something the page works out.
        if name not in held and not name.endswith("-")
    }

    assert len(pages) > 30
    assert unknown == set()


def test_no_page_brings_code_or_style_that_its_policy_would_refuse():
    # Mail brings its own style, since mail programs read no other.
    pages = [
        page
        for page in ROOT.glob("*/templates/**/*.html")
        if page != ROOT / "orders/templates/orders/mail.html"
    ]

    found = {page.name: REFUSED.findall(page.read_text()) for page in pages}

    assert len(pages) > 30
    assert not {name: words for name, words in found.items() if words}


def test_no_part_of_the_theme_that_a_page_takes_would_be_refused():
    pages = ROOT.glob("*/templates/**/*.html")
    taken = {name for page in pages for name in THEMES.findall(page.read_text())}

    found = {
        name: REFUSED.findall(get_template(name).template.source) for name in taken
    }

    assert len(taken) > 10
    assert not {name: words for name, words in found.items() if words}


def test_the_colours_are_the_themes():
    own = (OWN.parent / "theme.css").read_text()

    names = [
        f"--color-{name}-{weight}: {value};"
        for name, weights in CONFIG_DEFAULTS["COLORS"].items()
        for weight, value in weights.items()
    ]

    assert re.findall(r"--color.*;", own) == names
