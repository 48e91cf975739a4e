"""What is said of an order that somebody looks for, and the step that helps on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from backoffice.kit.sentences import sentence
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


def missing_parts(order: Order) -> str:
    """Return what the marketplace's address of an order lacks, in words."""
    has_town = bool(order.ship_to_city or order.ship_to_postal_code)
    return {
        (False, True): sentence("a street"),
        (True, False): sentence("a city or a postal code"),
        (False, False): sentence("a street, and a city or a postal code"),
        (True, True): sentence("a part that cannot be read"),
    }[bool(order.ship_to_address1), has_town]
