"""Connect a store, replace its token (tested with a real call), forget it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from backoffice import audit
from backoffice.kit.editing import shown_time
from backoffice.kit.logs import keep_secret
from backoffice.kit.sentences import Sentence, sentence
from backoffice.models import AuditEntry
from stores import tokens
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.base import (
    MarketplaceError,
    MarketplaceUnavailable,
    TokenRefused,
    UnreadableOrder,
)
from stores.marketplaces.http import is_practice
from stores.models import Store, open_marketplace

NEWEST = 50
TOKEN_STEPS = [AuditEntry.Kind.TOKEN, AuditEntry.Kind.DISCONNECTED]
TOKEN_FIELDS = [
    "token_ciphertext",
    "token_fingerprint",
    "token_ending",
    "token_set_at",
    "connection",
    "connection_error",
    "connection_error_facts",
    "refused_since",
    "import_failures",
    "backoff_until",
]


class SameAccount(ValidationError):
    """The token belongs to an account that is already connected as `store`."""

    def __init__(self, store: Store) -> None:
        message = _("This account is already connected as the store %(store)s.")
        super().__init__({"access_token": message % {"store": store.name}})
        self.store = store


@dataclass(frozen=True)
class AccountReport:
    """What a token opens: the newest orders' ids, and when the newest was placed."""

    order_ids: tuple[str, ...]
    newest_at: datetime | None


@sensitive_variables("access_token")
def probe_account(marketplace: str, access_token: str) -> AccountReport:
    """Read an account's newest orders, or raise `ValidationError` in words."""
    if not access_token:
        raise ValidationError({"access_token": _("Enter the access token.")})
    if not access_token.isascii() or any(c.isspace() for c in access_token):
        raise ValidationError(
            {"access_token": _("An access token has only letters and digits.")}
        )
    connector = MARKETPLACES[marketplace]
    try:
        page = next(
            open_marketplace(marketplace, access_token).list_orders(per_page=NEWEST)
        )
    except MarketplaceError as error:
        message: str = in_words(error)
        if isinstance(error, MarketplaceUnavailable):
            message += " " + _("Nothing is stored; try again later.")
        raise ValidationError({"access_token": message}) from None
    order_ids = []
    placed_at = []
    for raw in page:
        try:
            order_ids.append(connector.order_id(raw))
            placed_at.append(connector.parse_order(raw, ZoneInfo("UTC")).ordered_at)
        except UnreadableOrder:
            continue
    return AccountReport(tuple(order_ids), max(placed_at, default=None))


@sensitive_variables("access_token")
def take_token(store: Store, access_token: str) -> AccountReport:
    """Test a token with a real call and put it on the store, saving nothing.

    Returns what the token opens. Raises `ValidationError` under the key access_token,
    as `SameAccount` when another store has this account already.
    """
    access_token = access_token.strip()
    keep_secret(access_token)
    _refuse_to_show()
    _refuse_same_token(store, access_token)
    try:
        ciphertext = tokens.encrypt(access_token)
    except tokens.KeysUnusable as error:
        raise ValidationError({"access_token": str(error)}) from None
    report = probe_account(store.marketplace, access_token)
    _refuse_same_orders(store, report)
    store.token_ciphertext = ciphertext
    store.token_fingerprint = tokens.fingerprint(access_token)
    store.token_ending = access_token[-4:]
    store.token_set_at = clock.now()
    store.connection = Store.Connection.CONNECTED
    store.connection_error, store.refused_since = "", None
    store.import_failures, store.backoff_until = 0, None
    return report


@sensitive_variables("access_token")
def connect(
    *,
    name: str,
    marketplace: str,
    access_token: str,
    timezone: str = "UTC",
    import_variation_as_option: bool = False,
) -> Store:
    """Connect a new store, or raise `ValidationError` under the fields at fault."""
    store = Store(
        name=name.strip(),
        marketplace=marketplace,
        timezone=timezone,
        import_variation_as_option=import_variation_as_option,
    )
    store.full_clean()
    take_token(store, access_token)
    with transaction.atomic():
        store.save()
        kind = AuditEntry.Kind.CONNECTED
        audit.record(kind, about=store, store_key=store.pk)
    return store


@sensitive_variables("access_token")
def reconnect(store: Store, access_token: str) -> None:
    """Give the store a new token, keeping its orders, history and settings.

    A refused store is connected again, a disconnected one switched on, and the next
    import reads everything since the last complete one. Raises `ValidationError`
    when the token fails.
    """
    was_disconnected, before = not store.token_ciphertext, store.token_set_at
    take_token(store, access_token)
    store.is_active = store.is_active or was_disconnected
    with transaction.atomic():
        # The test took a while, in which somebody else may have done the same.
        locked = Store.objects.select_for_update().get(pk=store.pk)
        if locked.token_set_at != before:
            raise ValidationError({"access_token": changed_meanwhile(store)})
        store.save(update_fields=[*TOKEN_FIELDS, "is_active"])


def changed_meanwhile(store: Store) -> str:
    """Say who changed the store's token last, to somebody who has not seen it."""
    entries = AuditEntry.objects.filter(store_key=store.pk, kind__in=TOKEN_STEPS)
    if last := entries.first():
        message = _(
            "%(who)s changed the access token of %(store)s at %(time)s: look at the "
            "store, then do it again if it is still right."
        )
        facts = {"who": last.user, "store": store, "time": shown_time(last.at)}
        return message % facts
    message = _(
        "Somebody changed the access token of %(store)s meanwhile: look at the store, "
        "then do it again if it is still right."
    )
    return message % {"store": store}


def disconnect(store: Store) -> None:
    """Forget the store's token and switch it off; its orders and history stay."""
    store.token_ciphertext = store.token_fingerprint = store.token_ending = ""  # nosec B105 # an empty token is none
    store.token_set_at = None
    store.is_active = False
    store.connection = Store.Connection.REFUSED
    store.connection_error = sentence(
        "The store is disconnected; it has no access token."
    )
    store.refused_since = clock.now()
    store.save(update_fields=[*TOKEN_FIELDS, "is_active"])


def save_settings(store: Store, changed: Iterable[str]) -> None:
    """Write these settings of the store and nothing else, which others may write."""
    columns = {one.name for one in Store._meta.fields} & {*changed}
    if "mail_customers" in columns and store.mail_customers:
        store.mail_customers_since = clock.now()
        columns.add("mail_customers_since")
    store.save(update_fields=columns)


def _others(store: Store) -> QuerySet[Store]:
    return Store.objects.filter(marketplace=store.marketplace).exclude(pk=store.pk)


@sensitive_variables("access_token")
def _refuse_same_token(store: Store, access_token: str) -> None:
    mark = tokens.fingerprint(access_token)
    other = _others(store).filter(token_fingerprint=mark).first()
    if other:
        raise SameAccount(other)


def _refuse_to_show() -> None:
    """Take no token of a real marketplace where errors are shown in full."""
    if settings.DEBUG and not is_practice(settings.TOPHATTER_API_URL):
        message = _(
            "DEBUG is on, which shows errors in full; set DEBUG=False in .env before "
            "you connect a store of a real marketplace."
        )
        raise ValidationError({"access_token": message})


def _refuse_same_orders(store: Store, report: AccountReport) -> None:
    """Recognise the account by its orders: order ids are the marketplace's own."""
    other = (
        _others(store).filter(orders__marketplace_order_id__in=report.order_ids).first()
    )
    if other:
        raise SameAccount(other)


def in_words(error: MarketplaceError) -> Sentence:
    """Return a failure of the connector as a sentence that rows keep."""
    facts = dict(error.facts)
    if "what" in facts:
        facts["what"] = Sentence(str(facts["what"]))
    return Sentence(error.text, facts)


def token_accepted(store: Store) -> None:
    """Record that the marketplace takes the token."""
    store.connection = Store.Connection.CONNECTED
    store.connection_error, store.refused_since = "", None
    save_health(store, "connection", "connection_error", "refused_since")


def token_refused(store: Store, refusal: TokenRefused) -> None:
    """Record that the marketplace refuses the token; calls stop except a slow probe."""
    store.connection = Store.Connection.REFUSED
    store.connection_error = in_words(refusal)
    store.refused_since = store.refused_since or clock.now()
    save_health(store, "connection", "connection_error", "refused_since")


def save_health(store: Store, *fields: str) -> None:
    """Write health to the store, unless its token was replaced meanwhile."""
    Store.objects.filter(pk=store.pk, token_fingerprint=store.token_fingerprint).update(
        **{name: getattr(store, name) for name in fields}
    )
