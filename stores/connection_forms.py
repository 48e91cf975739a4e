"""Forms made of a connector's description: connect a store, replace what opens it."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.kit.admin import find_row, row_url
from backoffice.kit.logs import keep_secret
from stores import access, accounts
from stores.connecting import (
    SameAccount,
    changed_meanwhile,
    is_readable,
    reconnect,
    take_account,
)
from stores.forms import timezone_choices
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Account, ConnectionField
from stores.models import Store
from stores.probing import AccountReport, account_of
from stores.wording import with_links

ADDRESS = "address"
LONGEST = 1000
QUIET = {"autocomplete": "off", "spellcheck": "false"}


def with_link(error: ValidationError) -> ValidationError:
    """Add to a refused account the way to the store that has it."""
    if not isinstance(error, SameAccount):
        return error
    link = format_html(
        '{} <a class="underline" href="{}">{}</a>',
        error.messages[0],
        row_url(error.store),
        _("Open that store."),
    )
    return ValidationError({error.field: link})


class SecretField(forms.CharField):
    """A secret: typed or pasted, never shown again."""

    @sensitive_variables()
    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        keep_secret(text)
        return text


def account_fields(marketplace: str, is_kept: bool = False) -> dict[str, forms.Field]:
    """Return what is asked for to open a store of this marketplace.

    `is_kept`: what is left empty stays as it is, and the fields say so.
    """
    stays = _("Left empty, it stays as it is.") if is_kept else ""
    fields: dict[str, forms.Field] = {}
    if accounts.has_own_address(marketplace):
        fields[ADDRESS] = forms.CharField(
            label=_("Address"),
            max_length=LONGEST,
            required=False,
            widget=UnfoldAdminTextInputWidget({**QUIET, "inputmode": "url"}),
            help_text=_(
                "The address of the shop, or the one that its plug-in shows, whole, "
                "for example https://shop.example.com. What follows a question mark is "
                "kept and not shown again."
            ),
        )
    for one in MARKETPLACES[marketplace].fields:
        fields[one.name] = _field(one, stays if one.is_secret else "")
    return fields


def _field(described: ConnectionField, stays: str) -> forms.Field:
    label = _(described.label)
    if not (described.is_required or described.choices):
        label = _("%(label)s (optional)") % {"label": label}
    help_text = _(described.help_text) if described.help_text else ""
    options: dict[str, Any] = {
        "label": label,
        # Several sentences, of which some are the field's own.
        "help_text": with_links(" ".join(filter(None, (help_text, stays)))),
        "required": False,
    }
    if described.choices:
        choices = [
            (value, _(name) if name else "") for value, name in described.choices
        ]
        widget = UnfoldAdminSelectWidget()
        options |= {"choices": choices, "initial": described.default, "widget": widget}
        return forms.ChoiceField(**options)
    kind, widget_kind = forms.CharField, UnfoldAdminTextInputWidget
    if described.is_secret:
        kind, widget_kind = SecretField, UnfoldAdminPasswordWidget
    initial = "" if described.is_secret else described.default
    widget = widget_kind(dict(QUIET))
    return kind(**options, widget=widget, initial=initial, max_length=LONGEST)


def showable(address: str) -> str:
    """Return of a typed address what a page may repeat."""
    try:
        is_named = "@" in urlsplit(address).netloc
    except ValueError:
        return ""
    return "" if is_named else accounts.shown_address(address)


class CredentialsForm(forms.Form):
    """What a connector asks for; of what was typed, no secret is ever shown again."""

    marketplace: str
    data: QueryDict

    @sensitive_variables()
    def typed(self) -> dict[str, str]:
        """Return what was typed, by the names of the connector's fields."""
        names = [one.name for one in MARKETPLACES[self.marketplace].fields]
        return {name: self.cleaned_data.get(name, "") for name in names}

    @property
    def secrets(self) -> list[str]:
        """The names of the fields that are secrets."""
        fields = MARKETPLACES[self.marketplace].fields
        return [one.name for one in fields if one.is_secret]

    def hide_query(self) -> None:
        """Show the address without its query from now on."""
        if address := str(self.data.get(ADDRESS, "")).strip():
            self.data = self.data.copy()
            self.data[ADDRESS] = showable(address)


class ConnectForm(CredentialsForm):
    """A new store: its name, what opens it, and the zone of its times."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=Store._meta.get_field("name").help_text,
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=timezone_choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=Store._meta.get_field("timezone").help_text,
        initial="UTC",
    )

    @sensitive_variables("data", "kept")
    def __init__(
        self,
        marketplace: str,
        data: QueryDict | None = None,
        kept: Account | None = None,
    ) -> None:
        super().__init__(data)
        self.marketplace, self.kept = marketplace, kept
        self.account: Account | None = None
        self.report: AccountReport | None = None
        self.store = Store(marketplace=marketplace)
        self.fields.update(account_fields(marketplace))
        self.order_fields(["name", *account_fields(marketplace), "timezone"])

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.hide_query()
        self.store.name = data.get("name", "").strip()
        self.store.timezone = data.get("timezone") or "UTC"
        try:
            self.account = account_of(self.marketplace, *self._completed(data), None)
            if "name" not in self.errors:
                self.store.full_clean()
            if not self.errors:
                typed = {**self.account.secrets, **self.account.settings}
                self.report = take_account(self.store, typed, self.account.address)
        except ValidationError as error:
            self.add_error(None, with_link(error))
        return data

    @property
    def has_wrong_secret(self) -> bool:
        """Whether a secret is at fault, which there is no use in keeping."""
        return bool({*self.secrets} & {*self.errors})

    def say_kept(self) -> None:
        """Say beside the secrets that they need not be typed again."""
        kept = _("Kept encrypted for ten minutes; leave it empty to use it.")
        for name in self.secrets:
            self[name].help_text = kept

    @sensitive_variables()
    def _completed(self, data: dict[str, Any]) -> tuple[dict[str, str], str]:
        """Return what was typed now, and before on the same page for the same shop."""
        typed, address, kept = self.typed(), data.get(ADDRESS, "").strip(), self.kept
        if kept is None:
            return typed, address
        has_address = accounts.has_own_address(self.marketplace)
        if not has_address or address == accounts.shown_address(kept.address):
            address = kept.address
        if address == kept.address:
            typed |= {
                name: secret
                for name, secret in kept.secrets.items()
                if not typed.get(name)
            }
        return typed, address


class TokenStepForm(BaseDialogForm):
    """A step on what opens a store, which says what the page knew of."""

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


class ReplaceTokenForm(CredentialsForm, TokenStepForm):
    """What opens a store anew, tested and stored by the form itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.marketplace = self.store.marketplace
        has_address = accounts.has_own_address(self.marketplace)
        is_kept = has_address and is_readable(self.store)
        self.fields.update(account_fields(self.marketplace, is_kept))
        self.initial |= self.store.connection_settings
        if is_kept:
            # Without what opens it, the rest of the address is forgotten too.
            self.initial[ADDRESS] = self.store.address

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.hide_query()
        if newer := self.said_of_newer():
            self.add_error(self.secrets[0], newer)
        if not self.errors:
            try:
                address = data.get(ADDRESS, "")
                reconnect(self.store, self.typed(), address, self.request)
            except ValidationError as error:
                self.add_error(None, self._without_others(error))
        return data

    def _without_others(self, error: ValidationError) -> ValidationError:
        """Lead to the store that has the account, if this person may see it."""
        if not isinstance(error, SameAccount):
            return error
        limit = access.limit_of(self.request.user)
        if access.is_within(error.store.pk, limit):
            return with_link(error)
        message = _("This account is already connected as another store.")
        return ValidationError({error.field: message})
