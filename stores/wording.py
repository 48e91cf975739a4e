"""What pages and commands say of a connector, from its own description."""

import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import (
    Abilities,
    ConnectionField,
    Evidence,
    Fact,
    Window,
)
from stores.marketplaces.base import Marketplace, gettext_noop

FACTS = {
    Fact.PAID_AT: gettext_noop("the time of payment"),
    Fact.EMAIL: gettext_noop("e-mail addresses"),
    Fact.PHONE: gettext_noop("phone numbers"),
    Fact.CURRENCY: gettext_noop("the currency"),
    Fact.WEIGHT: gettext_noop("weights"),
    Fact.PICTURES: gettext_noop("pictures"),
}

# An address in a text, without the comma or full stop after it.
LINK = re.compile(r"(https://[^\s,]*[^\s,.])")


@dataclass(frozen=True)
class Choice:
    """A marketplace to choose: its name, for whom, what it asks for, from where."""

    label: str
    purpose: str
    asks: str
    help_text: str
    url: str


@dataclass(frozen=True)
class AccountWords:
    """How pages speak of what opens a store: of its token, or of several things."""

    title: Promise
    button: Promise
    forgets: Promise
    replaced: Promise
    disconnected: Promise
    changed_by: Promise
    changed: Promise
    none_left: str
    not_there: Promise
    remedy: str
    log_entry: str


TOKEN = AccountWords(
    title=gettext_lazy("Replace the access token"),
    button=gettext_lazy("Replace token"),
    forgets=gettext_lazy(
        "Its access token is deleted here. Its orders stay, and nothing comes in or "
        "goes out."
    ),
    replaced=gettext_lazy(
        "%(store)s has a new access token, which the marketplace takes."
    ),
    disconnected=gettext_lazy(
        "%(store)s is disconnected. “Replace token” connects it again."
    ),
    changed_by=gettext_lazy(
        "%(who)s changed the access token of %(store)s at %(time)s: look at the "
        "store, then do it again if it is still right."
    ),
    changed=gettext_lazy(
        "Somebody changed the access token of %(store)s meanwhile: look at the store, "
        "then do it again if it is still right."
    ),
    none_left=gettext_noop("The store is disconnected; it has no access token."),
    not_there=gettext_lazy("It has no access token; “Replace token” connects it."),
    remedy=gettext_noop("replace its access token"),
    log_entry="Access token replaced.",
)
CREDENTIALS = AccountWords(
    title=gettext_lazy("Replace the address and credentials"),
    button=gettext_lazy("Replace credentials"),
    forgets=gettext_lazy(
        "Its credentials are deleted here. Its orders stay, and nothing comes in or "
        "goes out."
    ),
    replaced=gettext_lazy("%(store)s has new credentials, which the shop takes."),
    disconnected=gettext_lazy(
        "%(store)s is disconnected. “Replace credentials” connects it again."
    ),
    changed_by=gettext_lazy(
        "%(who)s changed the credentials of %(store)s at %(time)s: look at the "
        "store, then do it again if it is still right."
    ),
    changed=gettext_lazy(
        "Somebody changed the credentials of %(store)s meanwhile: look at the store, "
        "then do it again if it is still right."
    ),
    none_left=gettext_noop("The store is disconnected; it has no credentials."),
    not_there=gettext_lazy("It has no credentials; “Replace credentials” connects it."),
    remedy=gettext_noop("replace its credentials"),
    log_entry="Credentials replaced.",
)


def is_opened_by_token(marketplace: str) -> bool:
    """Whether a single secret opens a store there, and nothing else is asked for."""
    connector = MARKETPLACES[marketplace]
    return bool(connector.address_setting) and len(connector.fields) == 1


def account_words(marketplace: str) -> AccountWords:
    """Return how to speak of what opens a store of this marketplace."""
    return TOKEN if is_opened_by_token(marketplace) else CREDENTIALS


def marketplace_choices() -> list[Choice]:
    """Return the marketplaces a store can be connected to, in words."""
    return [
        Choice(
            connector.label,
            _(connector.purpose),
            ", ".join(_asked_for(connector)),
            with_links(
                " ".join(_(one.help_text) for one in _typed(connector) if one.help_text)
            ),
            f"{reverse('admin:stores_store_add')}?marketplace={key}",
        )
        for key, connector in MARKETPLACES.items()
    ]


def _asked_for(connector: type[Marketplace]) -> list[str]:
    address = [] if connector.address_setting else [_("Address")]
    return address + [_(one.label) for one in _typed(connector)]


def _typed(connector: type[Marketplace]) -> list[ConnectionField]:
    """Return the fields that have to be typed, and are not merely chosen."""
    return [one for one in connector.fields if one.is_required and not one.choices]


def with_links(text: str) -> str:
    """Return a text as HTML in which addresses are links."""
    parts = LINK.split(text)
    link = '<a class="underline" href="{0}" target="_blank" rel="noopener">{0}</a>'
    return format_html_join(
        "",
        "{}",
        (
            (format_html(link, part) if place % 2 else part,)
            for place, part in enumerate(parts)
        ),
    )


def limits_in_words(abilities: Abilities) -> list[str]:
    """Say what the connector can and cannot do, in a sentence each."""
    said = [_window(abilities), _evidence(abilities)]
    if not abilities.reads_single_orders:
        said.append(
            _("Single orders cannot be read by their number; lists bring them.")
        )
    if not abilities.repeats_harmlessly:
        said.append(
            _(
                "A second notice of the same parcel may do harm, so none goes out "
                "twice by itself."
            )
        )
    said.append(
        _("Only the carriers of its list are taken.")
        if abilities.has_closed_carriers
        else _("Any carrier may be named.")
    )
    if missing := [name for fact, name in FACTS.items() if fact not in abilities.gives]:
        names = ", ".join(_(name) for name in missing)
        said.append(_("It does not give: %(facts)s.") % {"facts": names})
    if Fact.OFFSETS not in abilities.gives:
        said.append(
            _("Its times carry no offset and are read in the store’s time zone.")
        )
    return said


def _window(abilities: Abilities) -> str:
    if abilities.window == Window.MODIFIED:
        return _("Its lists go by the last change, however old an order is.")
    return _("Its lists go by the day on which an order was placed.")


def _evidence(abilities: Abilities) -> str:
    said = {
        Evidence.NUMBER: _(
            "It shows tracking numbers, so a notice is proven by the number."
        ),
        Evidence.STATUS: _(
            "It does not show tracking numbers: a notice is proven by the order’s "
            "status alone."
        ),
        Evidence.ANSWERED: _(
            "It shows neither tracking numbers nor what has shipped: of a notice "
            "there is its answer alone."
        ),
    }
    return said[abilities.evidence]


def mail_note(abilities: Abilities) -> str:
    """Say to which addresses customers' mails go."""
    if Fact.EMAIL in abilities.gives:
        return _(
            "The shop gives e-mail addresses, and may write to the buyer itself. A "
            "mail leaves once for each shipment, after the shop accepted it; where "
            "staff typed an address on the order, it goes there instead."
        )
    return _(
        "The marketplace gives no e-mail addresses and writes to the buyer itself. A "
        "mail leaves only where staff typed an address on the order, once for each "
        "shipment, after the marketplace accepted it."
    )
