"""A last look at a shipment: whether its notice goes, is in doubt, or does not go."""

from dataclasses import dataclass

from backoffice.kit.sentences import sentence
from orders import shipping
from orders.models import SendingLine, Shipment
from orders.notifying.judging import proof_of, reason_not_to_post, refresh_order
from orders.notifying.words import not_shown, order_names
from orders.shipping.doubts import doubts
from orders.shipping.refusals import reason_against_number
from stores.connecting import token_refused
from stores.failures import in_words
from stores.marketplaces.abilities import Evidence
from stores.marketplaces.base import (
    MarketplaceBusy,
    MarketplaceRefused,
    MarketplaceUnavailable,
    OrderStatus,
    TokenRefused,
    UnreadableOrder,
)
from stores.models import Store
from stores.tokens import TokenUnreadable

Colour = SendingLine.Look


@dataclass(frozen=True)
class Verdict:
    """What a last look found, and why, a sentence each.

    `busy` is the marketplace's answer where it wants to be left alone.
    """

    colour: Colour
    sentences: tuple[str, ...] = ()
    busy: MarketplaceBusy | None = None


def take_last_look(shipment: Shipment, busy: MarketplaceBusy | None = None) -> Verdict:
    """Read the shipment's order at the marketplace, keep that, and say if it goes.

    A marketplace that has just said that it is `busy` is not asked.
    """
    if reason := _reason_not_to_ask(shipment):
        return Verdict(Colour.RED, (reason,))
    order, store = shipment.order, shipment.order.store
    try:
        if busy:
            raise busy
        fetched = refresh_order(order, store.connect())
    except TokenUnreadable as error:
        return Verdict(Colour.RED, (str(error),))
    except MarketplaceRefused as error:
        if isinstance(error, TokenRefused):
            token_refused(store, error)
        return Verdict(Colour.RED, (in_words(error),))
    except (MarketplaceUnavailable, UnreadableOrder) as error:
        message = sentence(
            "Order %(order)s could not be looked at; look again. %(why)s"
        )
        names = {"order": order.marketplace_order_id, "why": in_words(error)}
        told = error if isinstance(error, MarketplaceBusy) else None
        return Verdict(Colour.RED, (message % names,), told)
    # What was read may have changed the order, or staff meanwhile.
    rows = Shipment.objects.with_order().select_related("order__correction")
    shipment = rows.get(pk=shipment.pk)
    facts = fetched.facts if fetched else None
    if facts and proof_of(facts, shipment):
        message = sentence(
            "%(marketplace)s shows it as shipped already; sending confirms that."
        )
        if store.abilities.evidence == Evidence.NUMBER:
            message = sentence(
                "%(marketplace)s shows it as shipped with this number already; sending "
                "confirms that."
            )
        names = {"marketplace": store.get_marketplace_display()}
        return Verdict(Colour.GREEN, (message % names,))
    if reason := reason_not_to_send(shipment) or reason_not_to_post(facts, shipment):
        return Verdict(Colour.RED, (reason,))
    if shipment.answer is not None:
        return Verdict(Colour.RED, (not_shown(shipment),))
    found = doubts_about(shipment)
    return Verdict(Colour.AMBER if found else Colour.GREEN, tuple(found))


def doubts_about(shipment: Shipment) -> list[str]:
    """Return what our own rows know against sending, a sentence each."""
    order, number = shipment.order, shipment.tracking_number
    found = doubts(order, shipment.carrier, number)
    if refused := reason_against_number(number):
        found.insert(0, refused)
    if message := _address_doubt(shipment):
        found.append(message % order_names(order))
    return found


def _address_doubt(shipment: Shipment) -> str:
    """Return why the parcel may bear another address than the one that counts."""
    order, slip = shipment.order, shipment.order.slips.first()
    changed_at = order.ship_to_changed_at
    if order.has_undecided_address:
        return sentence(
            "%(marketplace)s changed the address of order %(order)s, which was "
            "corrected here; nobody has decided which one counts."
        )
    if slip and slip.is_void:
        return sentence(
            "The address of order %(order)s has changed since its packing slip was "
            "printed; compare it with the parcel’s."
        )
    if changed_at and changed_at > shipment.shipped_at:
        return sentence(
            "%(marketplace)s changed the address of order %(order)s after the parcel "
            "was shipped here; compare both."
        )
    return ""


def _reason_not_to_ask(shipment: Shipment) -> str:
    """Return why the marketplace need not even be asked."""
    order, store = shipment.order, shipment.order.store
    if reason := reason_not_to_send(shipment):
        return reason
    if not store.is_active:
        message = sentence("%(store)s is switched off, so nothing is sent.")
        return message % {"store": store}
    if store.connection == Store.Connection.REFUSED:
        message = (
            sentence(
                "%(marketplace)s refuses the access token of %(store)s; order "
                "%(order)s waits for a new one."
            )
            if store.is_opened_by_token
            else sentence(
                "%(marketplace)s refuses the credentials of %(store)s; order "
                "%(order)s waits for new ones."
            )
        )
        return message % {**order_names(order), "store": store}
    return ""


def reason_not_to_send(shipment: Shipment) -> str:
    """Return what our own rows say against sending."""
    order = shipment.order
    if shipment.notification == Shipment.Notification.ACCEPTED:
        message = sentence(
            "%(marketplace)s has accepted the shipment of order %(order)s."
        )
        return message % order_names(order)
    if order.held_at:
        word = order.marketplace_status
        return shipping.reason_against(order, OrderStatus.ON_HOLD, word)
    return ""
