"""Forms to connect a store and to replace its token."""

from collections.abc import Container
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.kit import zones
from backoffice.kit.admin import find_row
from backoffice.kit.editing import SharedForm
from backoffice.kit.logs import keep_secret
from stores import access, mail_texts
from stores.connecting import (
    SameAccount,
    changed_meanwhile,
    reconnect,
    take_account,
)
from stores.models import Logo, Store

# Said to whoever may not see which.
OF_ANOTHER = ValidationError(
    {"access_token": _("This account is already connected as another store.")}
)
LARGEST_LOGO = 500_000
LOGO_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


def timezone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in zones.names()]


def with_link(error: ValidationError) -> ValidationError:
    """Add to a refused account the way to the store that has it."""
    if not isinstance(error, SameAccount):
        return error
    link = format_html(
        '{} <a class="underline" href="{}">{}</a>',
        error.messages[0],
        reverse("admin:stores_store_change", args=[error.store.pk]),
        _("Open that store."),
    )
    return ValidationError({"access_token": link})


class TokenField(forms.CharField):
    """The access token: typed or pasted, never shown again."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Access token"),
            max_length=200,
            widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
            help_text=_(
                "From tophatter.com/seller/api_keys, “Generate New API Key”. "
                "It is tested at once, stored encrypted and never shown again."
            ),
            **options,
        )

    @sensitive_variables()
    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        keep_secret(text)
        return text


class ConnectForm(forms.ModelForm):
    access_token = TokenField()

    class Meta:
        model = Store
        fields = ["name", "marketplace"]
        widgets = {"name": UnfoldAdminTextInputWidget}

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if not self.errors:
            self.instance.marketplace = data["marketplace"]
            try:
                typed = {"access_token": data["access_token"]}
                self.report = take_account(self.instance, typed)
            except ValidationError as error:
                self.add_error(None, with_link(error))
        return data


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
        widget=UnfoldAdminFileFieldWidget,
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
        for name in {"ship_within_days", "notices_at_once", "language"} & {
            *self.fields
        }:
            self.fields[name].required = False

    def clean_ship_within_days(self) -> int:
        """Keep the days as they are when none were given."""
        days = self.cleaned_data["ship_within_days"]
        return self.instance.ship_within_days if days is None else days

    def clean_notices_at_once(self) -> int:
        """Keep the number as it is when none was given."""
        number = self.cleaned_data["notices_at_once"]
        return self.instance.notices_at_once if number is None else number

    def clean_language(self) -> str:
        """Keep the language as it is when none was given."""
        return self.cleaned_data["language"] or self.instance.language

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


class TokenStepForm(BaseDialogForm):
    """A step on a store's token, which says which one the page knew of."""

    data: QueryDict

    seen_token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        seen = access.stores_seen_by(self.request.user)
        self.store = find_row(seen, str(self.object_id))
        self.fields["seen_token"].initial = str(self.store.token_set_at)

    def said_of_newer(self) -> str:
        """Return who changed the token since, in a sentence; nothing if nobody did."""
        seen = self.data.get("seen_token", "")
        now = str(self.store.token_set_at)
        if not seen or seen == now:
            return ""
        # Whoever posts it again has read the sentence.
        self.data = self.data.copy()
        self.data["seen_token"] = now
        return changed_meanwhile(self.store)


class ReplaceTokenForm(TokenStepForm):
    access_token = TokenField()

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if newer := self.said_of_newer():
            self.add_error("access_token", newer)
        if not self.errors:
            limit = access.limit_of(self.request.user)
            try:
                typed = {"access_token": data["access_token"]}
                reconnect(self.store, typed, request=self.request)
            except SameAccount as error:
                is_seen = access.is_within(error.store.pk, limit)
                self.add_error(None, with_link(error) if is_seen else OF_ANOTHER)
            except ValidationError as error:
                self.add_error(None, error)
        return data
