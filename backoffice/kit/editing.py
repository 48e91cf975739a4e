"""Two people, one form: what somebody saved since it was shown is not lost."""

from typing import Any, cast

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils.translation import gettext as _


class ShownValues(forms.BaseForm):
    """A form that brings back what it showed, so that only what was touched changes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.bring_back()

    def bring_back(self) -> None:
        """Have the page bring back what its fields show."""
        for name, field in self.fields.items():
            # A file cannot be brought back, nor what the page did not have.
            field.show_hidden_initial = not isinstance(field, forms.FileField) and (
                not self.is_bound or self.add_initial_prefix(name) in self.data
            )

    def refuse_newer(self, row: Model) -> None:
        """Ask again while the row says what the form did not show; lock the row.

        Their values stand beside what was typed, and in the fields that were left
        alone. Saving once more is done knowingly.
        """
        newer = self._newer(row)
        if not newer:
            return
        touched, data = set(self.changed_data), cast("QueryDict", self.data).copy()
        who = _last_editor(row) or _("Somebody")
        for name, value in newer.items():
            message = _("%(who)s saved “%(theirs)s” meanwhile.")
            if name not in touched:
                message = _("%(who)s saved this meanwhile; it was “%(before)s”.")
                data[self.add_prefix(name)] = str(value)
            theirs, before = self._words(name, value), self._shown(name)
            facts = {"theirs": theirs, "before": self._words(name, before), "who": who}
            self.add_error(name, message % facts)
            data[self.add_initial_prefix(name)] = str(value)
        self.data = data
        message = _("%(who)s has changed this meanwhile; look at it and save again.")
        self.add_error(None, message % {"who": who})

    def _newer(self, row: Model) -> dict[str, Any]:
        """Return the row's values that were neither shown nor typed."""
        locked = row._meta.base_manager.select_for_update().get(pk=row.pk)
        stored = {
            name: self.fields[name].to_python(value)
            for name, value in model_to_dict(locked, fields=self.fields).items()
        }
        return {
            name: value
            for name, value in stored.items()
            if self.fields[name].show_hidden_initial
            and _plain(value) != _plain(self._shown(name))
            and _plain(value) != _plain(self.cleaned_data.get(name, value))
        }

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
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, "–" if value in {None, ""} else value))


def _plain(value: Any) -> Any:
    """Return a value as it compares: browsers end lines in their own way."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _last_editor(row: Model) -> str:
    """Return who changed the row last, as far as the admin's history tells."""
    last = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
    ).select_related("user")
    return str(last[0].user) if last else ""
