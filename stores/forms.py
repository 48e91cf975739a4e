"""The form of a store's settings."""

import hashlib
from collections.abc import Container
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.kit import zones
from backoffice.kit.editing import SharedForm, last_edit
from stores import mail_texts
from stores.marketplaces.abilities import Fact
from stores.models import Logo, Store

LARGEST_LOGO = 500_000
LOGO_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
# Left empty, these stay as they are.
STAYING = {"ship_within_days", "notices_at_once", "language"}
SEEN_LOGO = "seen_logo"


def timezone_choices(own: str = "") -> list[tuple[str, str]]:
    """Return the zones to choose from, and the one that is set by an old name."""
    names = zones.names()
    if own and own not in names:
        names = (own, *names)
    return [(name, name.replace("_", " ")) for name in names]


class LogoInput(UnfoldAdminFileFieldWidget):
    """A file to choose, which brings back what logo the page showed."""

    seen = ""

    def render(self, *args: Any, **options: Any) -> SafeString:
        shown = forms.HiddenInput().render(SEEN_LOGO, self.seen)
        return format_html("{}{}", super().render(*args, **options), shown)


class SettingsForm(SharedForm):
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=timezone_choices,
        widget=UnfoldAdminSelect2Widget,
        help_text=Store._meta.get_field("timezone").help_text,
    )

    website = forms.URLField(
        label=_("Web site"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text=Store._meta.get_field("website").help_text,
    )
    logo = forms.ImageField(
        label=_("Logo"),
        required=False,
        widget=LogoInput,
        help_text=_(
            "PNG or JPEG, at most 500 kB; it appears on packing slips and in mails to "
            "customers."
        ),
    )
    remove_logo = forms.BooleanField(
        label=_("Remove the logo"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = Store
        fields = [
            "name",
            "is_active",
            "timezone",
            "auto_import",
            "import_interval",
            "import_variation_as_option",
            "auto_send_tracking",
            "confirm_green",
            "notices_at_once",
            "ship_within_days",
            "company_name",
            "return_address",
            "phone",
            "website",
            "slip_message",
            "slip_shows_prices",
            "erase_after_days",
            "mail_customers",
            "language",
            "mail_subject",
            "mail_body",
        ]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Who may only look gets no fields.
        for name in STAYING & self.fields.keys():
            self.fields[name].required = False
        zone = self.fields.get("timezone")
        if isinstance(zone, forms.ChoiceField):
            zone.choices = timezone_choices(self.instance.timezone)
        if "logo" in self.fields:
            self.fields["logo"].widget.seen = _mark_of_logo(self.instance)
        told = self.fields.get("mail_customers")
        if told and Fact.EMAIL in self.instance.abilities.gives:
            told.help_text = _(
                "Off, because the shop may write to the buyer itself. On: a mail goes "
                "to the order’s address, or where staff typed another one."
            )

    def clean(self) -> dict[str, Any]:
        for name in STAYING & self.cleaned_data.keys():
            if self.cleaned_data[name] in {None, ""}:
                self.cleaned_data[name] = getattr(self.instance, name)
        # It locks the store, and with it the logo.
        data = super().clean()
        is_touched = self.cleaned_data.get("logo") or data.get("remove_logo")
        now = _mark_of_logo(self.instance)
        if is_touched and self.data.get(SEEN_LOGO, now) != now:
            who, _time = last_edit(self.instance)
            message = _(
                "%(who)s has changed the logo meanwhile: look at it, then do this once "
                "more if it is still right."
            )
            self.add_error("logo", message % {"who": who})
        return data

    def split(self, reading: Container[str]) -> tuple[list[str], list[str]]:
        """Return which settings were changed: plain ones, and those among `reading`."""
        plain = [name for name in self.changed_data if name not in reading]
        return plain, [name for name in self.changed_data if name in reading]

    def clean_mail_subject(self) -> str:
        return mail_texts.check(self.cleaned_data["mail_subject"])

    def clean_mail_body(self) -> str:
        return mail_texts.check(self.cleaned_data["mail_body"])

    def clean_logo(self) -> Any:
        logo = self.cleaned_data["logo"]
        if not logo:
            return None
        if logo.size > LARGEST_LOGO:
            raise ValidationError(_("The logo is larger than 500 kB."))
        if logo.image.format not in LOGO_TYPES:
            raise ValidationError(_("The logo is neither a PNG nor a JPEG."))
        # A small file may unpack to gigabytes; nobody has unpacked it yet.
        if logo.image.width * logo.image.height > Logo.MOST_PIXELS:
            message = _("The logo has more than %(most)d million pixels.")
            raise ValidationError(message % {"most": Logo.MOST_PIXELS // 1_000_000})
        return logo

    def keep_logo(self, store: Store) -> None:
        """Store the logo that was given, or remove the one there is."""
        logo = self.cleaned_data["logo"]
        if logo:
            logo.seek(0)
            kept = {
                "image": logo.read(),
                "content_type": LOGO_TYPES[logo.image.format],
            }
            Logo.objects.update_or_create(store=store, defaults=kept)
        elif self.cleaned_data["remove_logo"]:
            Logo.objects.filter(store=store).delete()


def _mark_of_logo(store: Store) -> str:
    """Return what tells a store's logo from another one; nothing of none."""
    kept = Logo.objects.filter(store=store).first() if store.pk else None
    return hashlib.sha256(kept.image).hexdigest()[:16] if kept else ""
