"""What is said of an order that somebody looks for, and the step that helps on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from backoffice.kit.sentences import joined, sentence
from orders.models import ImportProblem, Order, Shipment
from stores.models import Store


class Step(TextChoices):
    """The one step that fits, as its button says it."""

    NONE = "none", _("Nothing to do")
    OPEN = "open", _("Open the order")
    RELEASE = "release", _("Release this order")
    SEND = "send", _("Send tracking")
    IMPORT = "import", _("Import this order")
    OPEN_PROBLEM = "open_problem", _("Open the problem")
    REPLACE_TOKEN = "replace_token", _("Replace token")
    DECIDE = "decide", _("Decide on the address")
    COMPLETE = "complete", _("Complete the address")
    OPEN_SHIPMENT = "open_shipment", _("Open the shipment")
    IMPORT_GAP = "import_gap", _("Import this gap")
    SEE_EVIDENCE = "see_evidence", _("See the evidence")

    @property
    def permission(self) -> str:
        """What somebody must be allowed to take the step."""
        return PERMISSIONS[self]


PERMISSIONS = {
    Step.OPEN: "orders.view_order",
    Step.RELEASE: "orders.ship_order",
    Step.SEND: "orders.send_tracking",
    Step.IMPORT: "stores.import_now",
    Step.OPEN_PROBLEM: "orders.view_importproblem",
    Step.REPLACE_TOKEN: "stores.replace_token",
    Step.DECIDE: "orders.ship_order",
    Step.COMPLETE: "orders.ship_order",
    Step.OPEN_SHIPMENT: "orders.view_shipment",
    Step.IMPORT_GAP: "stores.import_now",
    Step.SEE_EVIDENCE: "stores.view_store",
}


@dataclass(frozen=True)
class Advice:
    """Where an order is, in one sentence, and the rows the sentence is about."""

    order_id: str
    sentence: str
    step: Step = Step.NONE
    store: Store | None = None
    order: Order | None = None
    problem: ImportProblem | None = None
    shipment: Shipment | None = None
    # When the gap begins that the sentence is about.
    gap_start: datetime | None = None


# Of a notice that goes once somebody sends it.
KEPT_BACK = {
    Shipment.NotSent.DOUBT: _("The notice waits for a last look."),
    Shipment.NotSent.STORE: _("The notice waits for somebody to send it."),
    Shipment.NotSent.CHOICE: _(
        "By choice, %(marketplace)s is not told; “Send tracking” tells it after all."
    ),
}


def waits_for(shipment: Shipment, now: datetime, has_worker: bool = True) -> str:
    """Say what keeps a notice from going now; empty when nothing does, or it went."""
    store, next_at = shipment.order.store, shipment.next_attempt_at
    names = names_of(store, str(shipment.order))
    if shipment.notification == Shipment.Notification.NOT_SENT:
        because = Shipment.NotSent(shipment.not_sent_because)
        return str(KEPT_BACK[because]) % names
    if shipment.notification not in Shipment.OPEN:
        return ""
    names["time"] = minute_of(next_at, store) if next_at else ""
    reasons = [
        (
            not store.is_active,
            _("The notice waits because %(store)s is switched off."),
        ),
        (
            store.connection == Store.Connection.REFUSED,
            _(
                "The notice waits because %(marketplace)s refuses the access token of "
                "%(store)s; replace the token."
            )
            if store.is_opened_by_token
            else _(
                "The notice waits because %(marketplace)s refuses the credentials of "
                "%(store)s; replace them."
            ),
        ),
        (
            next_at and next_at > now,
            _("The next attempt to send the notice is at %(time)s."),
        ),
        (
            not has_worker,
            _(
                "The notice waits for the worker, which is not running; start it with "
                "“manage.py qcluster”."
            ),
        ),
    ]
    return next((str(text) % names for holds, text in reasons if holds), "")


def day_of(moment: datetime, store: Store) -> str:
    """Return the store's day of a moment, with the zone it is cut in."""
    local = moment.astimezone(store.zone)
    return f"{date_format(local, 'DATE_FORMAT')} ({local.tzname()})"


def minute_of(moment: datetime, store: Store) -> str:
    return date_format(moment.astimezone(store.zone), "SHORT_DATETIME_FORMAT")


def names_of(store: Store, number: str) -> dict[str, str]:
    """Return what every sentence about an order of a store names."""
    return {
        "order": number,
        "store": store.name,
        "marketplace": store.get_marketplace_display(),
    }


def reason_not_alone(store: Store) -> str:
    """Say why a store's marketplace shows no order by itself; empty when it does."""
    if store.abilities.reads_single_orders:
        return ""
    message = sentence(
        "%(store)s cannot be asked for single orders: its marketplace shows lists "
        "alone. Import the days in which they last changed."
    )
    return message % {"store": store.name}


def missing_parts(order: Order) -> str:
    """Return what the marketplace's address of an order lacks, in words."""
    parts = [
        (order.ship_to_name, sentence("a name")),
        (order.ship_to_address1, sentence("a street")),
        (
            order.ship_to_city or order.ship_to_postal_code,
            sentence("a city or a postal code"),
        ),
        (order.country, sentence("a country")),
    ]
    missing = [words for is_here, words in parts if not is_here]
    return joined(missing, by=", ") or sentence("a part that cannot be read")
