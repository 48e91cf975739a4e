"""Two people, one form: what somebody saved since it was shown is not lost."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils import timezone as clock
from django.utils.formats import date_format
from django.utils.translation import gettext as _


class ShownKeys(forms.HiddenInput):
    """The rows a field of several showed, in one field: none of them is shown too."""

    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else ",".join(map(str, value or []))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [one for one in data.get(name, "").split(",") if one]


class ShownValues(forms.BaseForm):
    """A form that brings back what it showed, so that only what was touched changes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.bring_back()

    def bring_back(self) -> None:
        """Have the page bring back what its fields show."""
        for name, field in self.fields.items():
            # A file cannot be brought back, nor what the page did not have; and what
            # nobody changes there, like a password’s digest, has no business in it.
            field.show_hidden_initial = not (
                field.disabled or isinstance(field, forms.FileField)
            ) and (not self.is_bound or self.add_initial_prefix(name) in self.data)
            if isinstance(field, forms.ModelMultipleChoiceField):
                field.hidden_widget = ShownKeys

    def refuse_newer(self, row: Model) -> None:
        """Ask again while the row says what the form did not show; lock the row.

        Their values stand beside what was typed, and in the fields that were left
        alone. Saving once more is done knowingly.
        """
        newer = self._newer(row)
        if not newer:
            return
        touched, data = set(self.changed_data), cast("QueryDict", self.data).copy()
        who, time = last_edit(row)
        for name, value in newer.items():
            message = _("%(who)s saved “%(theirs)s” meanwhile.")
            if name not in touched:
                message = _("%(who)s saved this meanwhile; it was “%(before)s”.")
                self._put(data, name, value)
            theirs, before = self._words(name, value), self._shown(name)
            facts = {"theirs": theirs, "before": self._words(name, before), "who": who}
            self.add_error(name, message % facts)
            self._put(data, name, value, is_initial=True)
        self.data = data
        message = _("%(who)s has changed this meanwhile; look at it and save again.")
        if time:
            message = _(
                "%(who)s changed this at %(time)s: look at it, then save again."
            )
        self.add_error(None, message % {"who": who, "time": time})

    def stored(self, row: Any) -> dict[str, Any]:
        """Return what the row says now, field by field."""
        return model_to_dict(row, fields=self.fields)

    def _newer(self, row: Model) -> dict[str, Any]:
        """Return the row's values that were neither shown nor typed."""
        locked = row._meta.base_manager.select_for_update().get(pk=row.pk)
        stored = {
            name: self.fields[name].to_python(self.fields[name].prepare_value(value))
            for name, value in self.stored(locked).items()
            if name in self.fields and self.fields[name].show_hidden_initial
        }
        return {
            name: value
            for name, value in stored.items()
            if _plain(value) != _plain(self._shown(name))
            and _plain(value) != _plain(self.cleaned_data.get(name, value))
        }

    def _put(
        self, data: QueryDict, name: str, value: Any, *, is_initial: bool = False
    ) -> None:
        """Have the page show a value in a field, or bring it back as what it showed."""
        given = self.fields[name].prepare_value(value)
        if is_initial and isinstance(given, list):
            given = ",".join(map(str, given))
        given = "" if given is None else given
        prefix = self.add_initial_prefix if is_initial else self.add_prefix
        many = given if isinstance(given, list) else [given]
        data.setlist(prefix(name), [str(one) for one in many])

    def _shown(self, name: str) -> Any:
        """Return the value that the form showed in a field."""
        field = self.fields[name]
        shown = field.hidden_widget().value_from_datadict(
            self.data, self.files, self.add_initial_prefix(name)
        )
        try:
            return field.to_python(shown)
        except forms.ValidationError:
            return None

    def _words(self, name: str, value: Any) -> str:
        """Return a field's value as a reader knows it."""
        if isinstance(value, bool):
            return _("on") if value else _("off")
        if isinstance(value, list):
            return ", ".join(map(str, value)) or "–"
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, "–" if value in {None, ""} else value))


class SharedForm(ShownValues, forms.ModelForm):  # type: ignore[type-arg]
    """A form of a row that two people may have open: neither undoes the other."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.pk:
            self.refuse_newer(self.instance)
        return self.cleaned_data if data is None else data


def _plain(value: Any) -> Any:
    """Return a value as it compares: browsers end lines in their own way."""
    if isinstance(value, list | QuerySet):
        return frozenset(value)
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def last_edit(row: Model) -> tuple[str, str]:
    """Return who changed the row last and when, as far as the admin's history tells."""
    last = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
        )
        .select_related("user")
        .first()
    )
    if last is None:
        return _("Somebody"), ""
    return str(last.user), shown_time(last.action_time)


def shown_time(moment: datetime) -> str:
    """Return the time of a moment of today; the day too of an earlier one."""
    local = clock.localtime(moment)
    is_today = local.date() == clock.localdate()
    return date_format(local, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")
