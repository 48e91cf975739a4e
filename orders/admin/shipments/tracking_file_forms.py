"""The forms of a tracking file: which file it is, and which column holds what."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.kit.errors import UnreadableFile
from backoffice.kit.uploads import MOST_BYTES
from orders.admin.filters import carriers_seen_by
from orders.models import TrackingFile
from orders.tracking_files.columns import MEANINGS, REQUIRED, cell
from orders.tracking_files.files import read_file


def _carrier_fields(
    user: Any, chosen: str = ""
) -> tuple[forms.ChoiceField, forms.BooleanField]:
    """Return what asks for the carrier of lines without one, and if it is for all.

    What is chosen already can stay, though no store may accept it any more.
    """
    seen = carriers_seen_by(user)
    kept = [chosen] if chosen and chosen not in seen else []
    carrier = forms.ChoiceField(
        label=_("Carrier of lines without one"),
        choices=[
            ("", _("As the file says")),
            *((one, one) for one in [*kept, *seen]),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    is_for_all = forms.BooleanField(
        label=_("This carrier for all lines, whatever the file says"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    return carrier, is_for_all


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text=_("CSV or XLSX; the first line names the columns."),
    )

    def __init__(self, user: Any, *args: Any) -> None:
        super().__init__(*args)
        self.user = user
        carrier, is_for_all = _carrier_fields(user)
        self.fields |= {"carrier": carrier, "is_carrier_for_all": is_for_all}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        # Read no more than is taken; the rest is said by whoever reads it.
        self.data_read = file.read(MOST_BYTES + 1)
        return file

    def read(self) -> TrackingFile | None:
        """Return the file, unsaved, or None with the reason beside its field."""
        data = self.cleaned_data
        try:
            return read_file(
                data["file"].name,
                self.data_read,
                data["carrier"],
                self.user,
                is_carrier_for_all=data["is_carrier_for_all"],
            )
        except UnreadableFile as error:
            self.add_error("file", str(error))
            return None


class ColumnsForm(forms.Form):
    """Which column holds what."""

    def __init__(self, user: Any, file: TrackingFile, data: Any = None) -> None:
        chosen = {
            "default_carrier": file.carrier,
            "is_carrier_for_all": file.is_carrier_for_all,
        }
        super().__init__(data, initial=file.mapping | chosen)
        self.file = file
        for meaning, title in MEANINGS.items():
            self.fields[meaning] = forms.TypedChoiceField(
                label=title,
                choices=[("", "—"), *enumerate(_titles(file))],
                coerce=int,
                empty_value=None,
                required=meaning in REQUIRED,
                widget=UnfoldAdminSelectWidget,
            )
        carrier, is_for_all = _carrier_fields(user, file.carrier)
        self.fields |= {"default_carrier": carrier, "is_carrier_for_all": is_for_all}

    def clean(self) -> dict[str, Any]:
        super().clean()
        chosen = list(self.mapping.values())
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("A column holds one thing only."))
        return self.cleaned_data

    @property
    def mapping(self) -> dict[str, int]:
        found = {name: self.cleaned_data.get(name) for name in MEANINGS}
        return {name: column for name, column in found.items() if column is not None}


def _titles(file: TrackingFile) -> list[str]:
    """Return what each column is called in the form, with its first cell."""
    first = file.lines[0][1]
    titles = []
    for column, name in enumerate(file.header):
        title = name or gettext("Column %(number)d") % {"number": column + 1}
        example = cell(first, column)
        titles.append(f"{title} · {example[:30]}" if example else title)
    return titles
