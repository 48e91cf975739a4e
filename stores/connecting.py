"""Connect a store, replace what opens it (tested with a real call), forget it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from backoffice import audit
from backoffice.kit.editing import shown_time
from backoffice.kit.sentences import Sentence
from backoffice.models import AuditEntry
from stores import accounts, tokens
from stores.failures import in_words
from stores.marketplaces.abilities import Account
from stores.marketplaces.base import TokenRefused
from stores.marketplaces.hosts import is_practice
from stores.models import Store
from stores.probing import AccountReport, account_of, probe_account

A_DAY = timedelta(days=1)
TOKEN_STEPS = [AuditEntry.Kind.TOKEN, AuditEntry.Kind.DISCONNECTED]
TOKEN_FIELDS = [
    "address",
    "account_digest",
    "connection_settings",
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
    """What was typed opens an account that is already connected as `store`."""

    def __init__(self, store: Store, field: str) -> None:
        message = _("This account is already connected as the store %(store)s.")
        super().__init__({field: message % {"store": store.name}})
        self.store, self.field = store, field


@sensitive_variables("typed", "account", "address")
def take_account(
    store: Store, typed: Mapping[str, str], address: str = ""
) -> AccountReport:
    """Test what was typed with a real call and put it on the store, saving nothing.

    Returns what it opens. What was left empty stays as it is. Raises
    `ValidationError` under the fields at fault, as `SameAccount` when another store
    has this account already.
    """
    kept = store.account() if is_readable(store) else None
    account = account_of(store.marketplace, typed, address, kept)
    _refuse_to_show(store, account)
    _refuse_same_account(store, account)
    try:
        ciphertext = accounts.seal(store.marketplace, account)
    except tokens.KeysUnusable as error:
        raise ValidationError({_secret_of(store): str(error)}) from None
    report = probe_account(store.marketplace, account, store.zone)
    _refuse_same_orders(store, report)
    _refuse_same_shop(store, account, report)
    _refuse_another_shop(store, account, report)
    if accounts.has_own_address(store.marketplace):
        store.address = accounts.shown_address(account.address)
    store.connection_settings = {**account.settings, **report.settings}
    store.account_digest = accounts.digest_of_account(store.marketplace, account)
    store.token_ciphertext = ciphertext
    store.token_fingerprint = accounts.fingerprint_of(store.marketplace, account)
    is_token = store.is_opened_by_token
    # Of a password that a person made up, four characters are too many.
    store.token_ending = account.secrets[_secret_of(store)][-4:] if is_token else ""
    store.token_set_at = clock.now()
    store.connection = Store.Connection.CONNECTED
    store.connection_error, store.refused_since = "", None
    store.import_failures, store.backoff_until = 0, None
    return report


@sensitive_variables("typed", "address")
def connect(
    *,
    name: str,
    marketplace: str,
    timezone: str = "UTC",
    import_variation_as_option: bool = False,
    address: str = "",
    **typed: str,
) -> Store:
    """Connect a new store, or raise `ValidationError` under the fields at fault.

    `typed` is what the marketplace's connector asks for, by the names of its fields.
    """
    store = Store(
        name=name.strip(),
        marketplace=marketplace,
        timezone=timezone,
        import_variation_as_option=import_variation_as_option,
    )
    store.full_clean()
    take_account(store, typed, address)
    with transaction.atomic():
        store.save()
        kind = AuditEntry.Kind.CONNECTED
        audit.record(kind, about=store, store_key=store.pk)
    return store


@sensitive_variables("typed", "address")
def reconnect(
    store: Store,
    typed: Mapping[str, str],
    address: str = "",
    request: HttpRequest | None = None,
) -> None:
    """Give the store what opens it anew, keeping its orders, history and settings.

    A refused store is connected again, a disconnected one switched on, and the next
    import reads everything since the last complete one. Raises `ValidationError`
    when the test fails, or when somebody else changed it meanwhile.
    """
    was_disconnected, before = not store.token_ciphertext, store.token_set_at
    take_account(store, typed, address)
    store.is_active = store.is_active or was_disconnected
    with transaction.atomic():
        # The test took a while, in which somebody else may have done the same.
        locked = Store.objects.select_for_update().get(pk=store.pk)
        if locked.token_set_at != before:
            message = changed_meanwhile(store)
            raise ValidationError({_secret_of(store): message})
        store.save(update_fields=[*TOKEN_FIELDS, "is_active"])
        kind = AuditEntry.Kind.TOKEN
        audit.record(kind, request=request, about=store, store_key=store.pk)


def changed_meanwhile(store: Store) -> str:
    """Say who changed what opens the store last, to somebody who has not seen it."""
    words = store.account_words
    entries = AuditEntry.objects.filter(store_key=store.pk, kind__in=TOKEN_STEPS)
    if last := entries.first():
        facts = {"who": last.user, "store": store, "time": shown_time(last.at)}
        return str(words.changed_by) % facts
    return str(words.changed) % {"store": store}


def disconnect(store: Store, request: HttpRequest | None = None) -> None:
    """Forget what opens the store and switch it off; its orders and history stay.

    Raises `ValidationError` when somebody else changed it since it was read.
    """
    with transaction.atomic():
        locked = Store.objects.select_for_update().get(pk=store.pk)
        if locked.token_set_at != store.token_set_at:
            raise ValidationError(changed_meanwhile(store))
        store.token_ciphertext = store.token_fingerprint = store.token_ending = ""  # nosec B105 # an empty token is none
        store.account_digest, store.token_set_at = "", None
        store.is_active = False
        store.connection = Store.Connection.REFUSED
        words = store.account_words
        store.connection_error = Sentence(words.none_left)
        store.refused_since = clock.now()
        store.save(update_fields=[*TOKEN_FIELDS, "is_active"])
        kind = AuditEntry.Kind.DISCONNECTED
        audit.record(kind, request=request, about=store, store_key=store.pk)


def save_settings(store: Store, changed: Iterable[str]) -> None:
    """Write these settings of the store and nothing else, which others may write."""
    columns = {one.name for one in Store._meta.fields} & {*changed}
    if "mail_customers" in columns and store.mail_customers:
        store.mail_customers_since = clock.now()
        columns.add("mail_customers_since")
    store.save(update_fields=columns)


def _others(store: Store) -> QuerySet[Store]:
    return Store.objects.filter(marketplace=store.marketplace).exclude(pk=store.pk)


def _secret_of(store: Store) -> str:
    """Return the field of the first secret, under which most failures are said."""
    fields = store.connector.fields
    return next(one.name for one in fields if one.is_secret)


def is_readable(store: Store) -> bool:
    """Whether what opens the store today can be decrypted."""
    try:
        store.account()
    except tokens.TokenUnreadable:
        return False
    return bool(store.token_ciphertext)


@sensitive_variables("account")
def _refuse_same_account(store: Store, account: Account) -> None:
    mark = accounts.fingerprint_of(store.marketplace, account)
    found = _others(store).filter(token_fingerprint=mark)
    if digest := accounts.digest_of_account(store.marketplace, account):
        found = _others(store).filter(account_digest=digest)
    if other := found.first():
        raise SameAccount(other, "address" if digest else _secret_of(store))


@sensitive_variables("account")
def _refuse_to_show(store: Store, account: Account) -> None:
    """Take no token of a real marketplace where errors are shown in full."""
    if settings.DEBUG and not is_practice(account.address):
        message = _(
            "DEBUG is on, which shows errors in full; set DEBUG=False in .env before "
            "you connect a store of a real marketplace."
        )
        raise ValidationError({_secret_of(store): message})


def _refuse_same_orders(store: Store, report: AccountReport) -> None:
    """Recognise the account by its orders, where their ids are the marketplace's."""
    if not store.abilities.has_global_ids:
        return
    other = (
        _others(store).filter(orders__marketplace_order_id__in=report.order_ids).first()
    )
    if other:
        raise SameAccount(other, _secret_of(store))


@sensitive_variables("account")
def _refuse_same_shop(store: Store, account: Account, report: AccountReport) -> None:
    """Recognise a shop that is connected in another way: all would be packed twice."""
    host = _host(account.address)
    if store.token_ciphertext and host == _host(store.address):
        return
    others = Store.objects.exclude(marketplace=store.marketplace)
    for other in others.exclude(address="").exclude(token_ciphertext=""):  # nosec B106 # an empty token is none
        if _host(other.address) == host and _has_one_of(other, report):
            raise SameAccount(other, "address")


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _has_one_of(store: Store, report: AccountReport) -> bool:
    """Whether an order of the report is the store's, read by another connector.

    Ids and time zones of connectors differ; number, buyer and day do not.
    """
    orders = {order.order_number or order.order_id: order for order in report.orders}
    is_named = Q(marketplace_order_id__in=orders) | Q(order_number__in=orders)
    found = store.orders.filter(is_named).exclude(customer_name="")
    return any(
        (order := orders.get(number or order_id))
        and order.customer_name == name
        and abs(order.ordered_at - ordered_at) < A_DAY
        for order_id, number, name, ordered_at in found.values_list(
            "marketplace_order_id", "order_number", "customer_name", "ordered_at"
        )
    )


@sensitive_variables("account")
def _refuse_another_shop(store: Store, account: Account, report: AccountReport) -> None:
    """Refuse an address whose orders have our numbers and are all other ones.

    Notices of the store's orders would be about those, and write to their buyers.
    """
    digest = accounts.digest_of_account(store.marketplace, account)
    if not store.pk or digest == store.account_digest:
        return
    found = {order.order_id: order for order in report.orders}
    here = store.orders.filter(marketplace_order_id__in=found).values_list(
        "marketplace_order_id", "ordered_at", "customer_name"
    )
    others = [
        number
        for number, ordered_at, name in here
        if ordered_at != found[number].ordered_at
        and not (name and name == found[number].customer_name)
    ]
    if others and len(others) == len(here):
        message = _(
            "This is another shop: its order %(order)s is not the one that is here. "
            "Connect it as a store of its own."
        )
        raise ValidationError({"address": message % {"order": min(others)}})


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
