"""What stores are connected with: sealed to be kept, opened for their connector."""

import hashlib
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from backoffice.kit.logs import keep_secret
from stores import tokens
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Account
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceUnavailable,
    gettext_noop,
)
from stores.marketplaces.secrets import is_key, values_in
from stores.wording import is_opened_by_token

# Among the secrets, the query of the shop's address. No field is called so.
QUERY = "?"
NOT_ALLOWED = gettext_noop(
    "Nothing is asked of %(marketplace)s: the address is missing, or leads into a "
    "private network, which only ALLOW_PRIVATE_MARKETPLACE=True allows."
)


def marketplace_names() -> list[tuple[str, str]]:
    """Return the marketplaces to choose from: key and name."""
    return [(name, connector.label) for name, connector in MARKETPLACES.items()]


def default_marketplace() -> str:
    return next(iter(MARKETPLACES))


def has_own_address(marketplace: str) -> bool:
    """Whether each of the marketplace's shops has an address of its own."""
    return not MARKETPLACES[marketplace].address_setting


def common_address(marketplace: str) -> str:
    """Return the address of a marketplace that has one for all its shops."""
    address: str = getattr(settings, MARKETPLACES[marketplace].address_setting)
    return address


@sensitive_variables()
def shown_address(address: str) -> str:
    """Return the address without its query, which may be a secret."""
    return address.partition("?")[0]


@sensitive_variables()
def seal(marketplace: str, account: Account) -> str:
    """Return the account's secrets encrypted, or raise `KeysUnusable`.

    A marketplace with one address has one secret, which is sealed as it is.
    """
    if not has_own_address(marketplace):
        [secret] = account.secrets.values()
        return tokens.encrypt(secret)
    query = urlsplit(account.address).query
    return tokens.encrypt(json.dumps({**account.secrets, QUERY: query}))


@sensitive_variables()
def unseal(
    marketplace: str, ciphertext: str, address: str, options: Mapping[str, str]
) -> Account:
    """Return the account that was sealed, or raise `TokenUnreadable`."""
    try:
        text = tokens.decrypt(ciphertext).reveal()
    except tokens.KeysUnusable:
        raise
    except tokens.TokenUnreadable:
        if is_opened_by_token(marketplace):
            raise
        raise tokens.CredentialsUnreadable from None
    if not has_own_address(marketplace):
        [field] = [one for one in MARKETPLACES[marketplace].fields if one.is_secret]
        return Account(common_address(marketplace), {field.name: text}, options)
    secrets: dict[str, str] = json.loads(text)
    query = secrets.pop(QUERY)
    account = Account(f"{address}?{query}" if query else address, secrets, options)
    hide_account(account)
    return account


@sensitive_variables()
def hide_account(account: Account) -> None:
    """Have what opens a shop hidden wherever this process scrubs, its query too."""
    _, _, query = account.address.partition("?")
    keep_secret(*account.secrets.values(), query, *filter(is_key, values_in(query)))


@sensitive_variables()
def open_account(marketplace: str, account: Account, **limits: float) -> Marketplace:
    """Return the connector of that name for this account."""
    return MARKETPLACES[marketplace].open(
        account, may_be_private=settings.ALLOW_PRIVATE_MARKETPLACE, **limits
    )


@sensitive_variables()
def open_allowed(marketplace: str, account: Account, **limits: float) -> Marketplace:
    """Return the connector, or raise `MarketplaceUnavailable` while none is allowed.

    The setting may have changed since the store was connected.
    """
    try:
        return open_account(marketplace, account, **limits)
    except ValueError:
        label = MARKETPLACES[marketplace].label
        raise MarketplaceUnavailable(NOT_ALLOWED, marketplace=label) from None


@sensitive_variables()
def fingerprint_of(marketplace: str, account: Account) -> str:
    """Return a digest that recognises the same address and secrets."""
    if not has_own_address(marketplace):
        [secret] = account.secrets.values()
        return tokens.fingerprint(secret)
    secrets = sorted(account.secrets.items())
    return tokens.fingerprint(json.dumps([account.address, secrets]))


@sensitive_variables()
def digest_of_account(marketplace: str, account: Account) -> str:
    """Return a digest of address and account, empty where the token alone says it."""
    if not has_own_address(marketplace):
        return ""
    parts = urlsplit(account.address)
    host = parts.netloc.lower()
    names = [
        account.settings.get(one.name, "")
        for one in MARKETPLACES[marketplace].fields
        if one.is_account
    ]
    shop = [host, parts.path.rstrip("/"), parts.query, *names]
    return hashlib.sha256(json.dumps(shop).encode()).hexdigest()
