"""All that can be wrong with orders and stores: one table, which every page reads.

To do lists the rows of a cause, the front page and the side bar count them, lists are
narrowed to them, and alarms count them by store. A new cause is one entry of `TABLE`.
"""

from django.db.models import Model, Q, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from backoffice.kit.sentences import Sentence
from orders import mailing
from orders.advice import Step, minute_of, missing_parts
from orders.models import ImportProblem, Order, Shipment
from orders.work.base import Derived, Stored, written_moment
from orders.work.rows import (
    differences_of,
    gaps_of,
    open_problems,
    reopened_orders,
    undecided_addresses,
)
from stores.marketplaces.base import OrderStatus
from stores.models import Store

Problem = ImportProblem.Kind
NotSent = Shipment.NotSent


def kinds_of(model: type[Model]) -> list[str]:
    """Return the causes that rows of a model say; no row says two of them."""
    return [one.kind for one in STORED if one.model is model]


# The most urgent first.
TABLE: list[Stored | Derived] = [
    Stored(
        kind="token",
        alarm="refused",
        title=_("Refused access tokens and credentials"),
        meaning=_(
            "The marketplace refuses the store’s access token, or its credentials: "
            "nothing comes in and no tracking goes out. First make new ones at the "
            "marketplace, then replace them here; the lost time is read by itself."
        ),
        step=Step.REPLACE_TOKEN,
        one=_(
            "%(store)s is refused since %(time)s; %(remedy)s. "
            "The marketplace said: %(error)s"
        ),
        facts=lambda store: {
            "error": store.connection_error,
            "remedy": Sentence(store.account_words.remedy),
            "time": written_moment(store.refused_since),
        },
        rows=lambda now: Store.objects.filter(connection=Store.Connection.REFUSED),
        since="refused_since",
        is_urgent=True,
    ),
    Stored(
        kind="zone",
        alarm="zone",
        title=_("Suspected time zones"),
        meaning=_(
            "The times of the store’s orders fit another zone than the one that is "
            "set, so their dates may be wrong. First look at the evidence on the "
            "store’s page; from there the orders are dated anew, and that can be "
            "undone."
        ),
        step=Step.SEE_EVIDENCE,
        one=_(
            "The server of %(store)s looks like %(zone)s, not %(now)s; the store’s "
            "page shows why and dates its orders anew."
        ),
        facts=lambda store: {"zone": store.suspected_timezone, "now": store.timezone},
        rows=lambda now: Store.objects.exclude(suspected_timezone=""),
        since="suspected_since",
    ),
    Derived(
        kind="gap",
        alarm="gap",
        title=_("Gaps in what was read"),
        meaning=_(
            "No import has completely read the orders of this time, so some may be "
            "missing. First import the gap; one younger than 30 days is imported by "
            "itself where imports are automatic."
        ),
        step=Step.IMPORT_GAP,
        one=_("%(store)s was never completely read from %(start)s to %(end)s."),
        many=ngettext_lazy(
            "%(count)d stretch of time of %(store)s was never completely read; its "
            "page imports it.",
            "%(count)d stretches of time of %(store)s were never completely read; its "
            "page imports them.",
            "count",
        ),
        facts=lambda gap: {
            "start": minute_of(gap.since, gap.store),
            "end": minute_of(gap.until, gap.store),
        },
        figure="gaps",
        rows=gaps_of,
    ),
    # No alarm: whoever is about to ship the order sees it.
    Stored(
        kind="address",
        title=_("Addresses to decide"),
        meaning=_(
            "The address was corrected here, and the marketplace has changed its own "
            "since. First compare both and choose one; until then ours counts, also on "
            "paper."
        ),
        step=Step.DECIDE,
        one=_(
            "%(marketplace)s changed the address of order %(order)s of %(store)s after "
            "it was corrected here."
        ),
        rows=undecided_addresses,
        since="ship_to_changed_at",
        icon="wrong_location",
    ),
    Stored(
        kind="reopened",
        alarm="reopened",
        title=_("Open again at the marketplace"),
        meaning=_(
            "The marketplace had accepted the tracking, and the buyer may see none any "
            "more. First compare the order there; enter the number on its page, or ask "
            "its support: what was accepted once is not sent again from here."
        ),
        step=Step.OPEN,
        one=_(
            "%(marketplace)s had accepted the tracking of order %(order)s of %(store)s "
            "and shows the order as open again (“%(word)s”)."
        ),
        many=ngettext_lazy(
            "%(count)d order of %(store)s is open again at the marketplace, which had "
            "accepted its tracking.",
            "%(count)d orders of %(store)s are open again at the marketplace, which "
            "had accepted their tracking.",
            "count",
        ),
        facts=lambda order: {"word": order.marketplace_status},
        rows=reopened_orders,
        since="changed_at",
        icon="undo",
    ),
    Stored(
        kind="notice",
        alarm="tracking_refused",
        title=_("Refused tracking"),
        meaning=_(
            "The parcel has left, but the marketplace does not take its tracking: the "
            "buyer sees no number. First read why; then correct the shipment or send "
            "it again."
        ),
        step=Step.OPEN_SHIPMENT,
        one=_("The tracking of order %(order)s of %(store)s was refused: %(error)s"),
        many=ngettext_lazy(
            "The tracking of %(count)d order of %(store)s waits for a person.",
            "The tracking of %(count)d orders of %(store)s waits for a person.",
            "count",
        ),
        facts=lambda shipment: {"error": shipment.notification_error},
        rows=lambda now: Shipment.objects.refused(),
        since="shipped_at",
        icon="error",
    ),
    Stored(
        kind="doubt",
        alarm="tracking_in_doubt",
        title=_("Tracking that waits for a last look"),
        meaning=_(
            "The parcel has left, but its tracking did not go out by itself, because "
            "something about it is in doubt. First have a last look at the shipment; "
            "then send it, or correct it."
        ),
        step=Step.OPEN_SHIPMENT,
        one=_(
            "The tracking of order %(order)s of %(store)s, %(parcel)s, waits for a "
            "last look: %(doubts)s"
        ),
        many=ngettext_lazy(
            "The tracking of %(count)d order of %(store)s waits for a last look.",
            "The tracking of %(count)d orders of %(store)s waits for a last look.",
            "count",
        ),
        # What was held before doubts were kept has no words.
        facts=lambda shipment: {
            "parcel": str(shipment),
            "doubts": shipment.notification_error or _("It was in doubt."),
        },
        rows=lambda now: Shipment.objects.kept_back(NotSent.DOUBT),
        since="shipped_at",
        icon="visibility",
    ),
    # No alarm: somebody sends by hand here. What was not sent by choice is no cause
    # before somebody asks for it to be sent.
    Stored(
        kind="untold",
        title=_("Shipped here, never told"),
        meaning=_(
            "The parcel has left, and the marketplace does not know: its tracking does "
            "not go by itself. Send it; each order is looked at once more first."
        ),
        step=Step.SEND,
        one=_(
            "Order %(order)s of %(store)s has shipped here with %(parcel)s; "
            "%(marketplace)s was never told."
        ),
        facts=lambda shipment: {"parcel": str(shipment)},
        rows=lambda now: Shipment.objects.kept_back(NotSent.STORE),
        since="shipped_at",
        icon="outbox",
    ),
    # No alarm: nothing here ends it, and a monitor that always fails says nothing.
    Stored(
        kind="review",
        title=_("Unknown statuses"),
        meaning=_(
            "The marketplace gives the order a status that is not known here, so it "
            "cannot ship. First look at the order on the marketplace’s own page."
        ),
        step=Step.OPEN,
        one=_(
            "Order %(order)s of %(store)s has a status that is not known here, "
            "“%(word)s”."
        ),
        facts=lambda order: {"word": order.marketplace_status},
        rows=lambda now: Order.objects.filter(
            status=OrderStatus.NEEDS_REVIEW, marketplace_state=OrderStatus.NEEDS_REVIEW
        ),
        since="changed_at",
        icon="help",
    ),
    # No alarm, as for the addresses to decide.
    Stored(
        kind="incomplete",
        title=_("Incomplete addresses"),
        meaning=_(
            "The marketplace’s address of a paid order lacks a part, so the order "
            "cannot ship. First complete the address on the order’s page; the order "
            "also ships once the marketplace gives the whole address."
        ),
        step=Step.COMPLETE,
        one=_("The address of order %(order)s of %(store)s lacks %(parts)s."),
        facts=lambda order: {"parts": missing_parts(order)},
        rows=lambda now: Order.objects.lacking_address(),
        since="imported_at",
    ),
    Stored(
        kind="problem",
        alarm="rejected",
        title=_("Import problems"),
        meaning=_(
            "The order could not come in, or something on it has to be looked at. "
            "First read why; one without an address comes in by itself once it has one."
        ),
        step=Step.OPEN_PROBLEM,
        one=_("Order %(order)s of %(store)s: %(message)s"),
        many=ngettext_lazy(
            "%(count)d order of %(store)s was rejected; the import problems say why.",
            "%(count)d orders of %(store)s were rejected; the import problems say why.",
            "count",
        ),
        facts=lambda problem: {"message": problem.message},
        rows=open_problems,
        # One for each order, however much is wrong with it.
        key=Concat(
            "store_id", Value(":"), "marketplace_order_id", output_field=TextField()
        ),
        shared=("store", "marketplace_order_id"),
        since="first_seen_at",
        alarming=Q(kind__in=[Problem.UNREADABLE, Problem.NOT_STORED]),
        icon="report",
    ),
    Derived(
        kind="difference",
        alarm="unexplained",
        title=_("Differences with the marketplace"),
        meaning=_(
            "The order says something else here than at the marketplace, as it was "
            "last listed. First import the order; what is still different has to be "
            "looked at."
        ),
        step=Step.IMPORT,
        # It has its own sentence.
        one="%(text)s",
        many=ngettext_lazy(
            "%(count)d order of %(store)s at the marketplace is not here, and "
            "nothing says why; the order accounting names it.",
            "%(count)d orders of %(store)s at the marketplace are not here, and "
            "nothing says why; the order accounting names them.",
            "count",
        ),
        facts=lambda found: {"text": found.text},
        figure="differences",
        rows=differences_of,
    ),
    # No alarm: orders and tracking go through.
    Stored(
        kind="mail",
        title=_("Mails that could not leave"),
        meaning=_(
            "The marketplace has accepted the shipment, but the customer could not be "
            "told by mail. First check how mail leaves and the address on the order: "
            "saved again within a week, it is tried once more; where there is none, no "
            "mail is sent."
        ),
        step=Step.OPEN,
        one=_("The mail about order %(order)s of %(store)s could not leave: %(error)s"),
        facts=lambda shipment: {
            "error": shipment.customer_mail_error or _("It was not sent in time.")
        },
        rows=mailing.given_up,
        since="notified_at",
        icon="mail",
    ),
]
CAUSES = {cause.kind: cause for cause in TABLE}
STORED = [cause for cause in TABLE if isinstance(cause, Stored)]
DERIVED = [cause for cause in TABLE if isinstance(cause, Derived)]
