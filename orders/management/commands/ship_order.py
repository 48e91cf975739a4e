"""Ship one order and tell the marketplace at once."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand, add_flag
from orders.advice import waits_for
from orders.finding.called import order_called
from orders.models import Order, Shipment
from orders.notifying import send_tracking
from orders.shipping import NotAllowed, ReasonNeeded
from orders.shipping.doubts import ship_unless_in_doubt
from stores.commands import find_store


class Command(OperatorCommand):
    help = gettext_lazy(
        "Mark an order as shipped, send carrier and tracking number at once and say "
        "what the marketplace answered. Example: manage.py ship_order 'Main store' "
        "59010920 --carrier USPS --tracking 9400111899562173406594"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("store", metavar="STORE", help=_("the store's name"))
        parser.add_argument(
            "order_id", metavar="ORDER_ID", help=_("the order's number")
        )
        parser.add_argument(
            "--carrier", metavar="LABEL", required=True, help=_("as USPS or FedEx")
        )
        parser.add_argument(
            "--tracking", metavar="NUMBER", required=True, help=_("the tracking number")
        )
        add_flag(
            parser,
            "--no-send",
            _("record the shipment here and tell the marketplace nothing"),
        )
        parser.add_argument(
            "--despite-doubt",
            metavar="REASON",
            default="",
            help=_("send a doubtful number too; the order's history keeps the reason"),
        )

    def handle(self, *, order_id: str, **options: Any) -> None:
        order = self._find(options["store"], order_id)
        shipment = self._ship(order, options)
        if not options["no_send"]:
            send_tracking(shipment)
        self._say(shipment, options["no_send"])

    @transaction.atomic
    def _ship(self, order: Order, options: dict[str, Any]) -> Shipment:
        """Record the parcel; with a doubt and no reason, record nothing and say so."""
        try:
            shipment, doubts = ship_unless_in_doubt(
                order,
                carrier=options["carrier"],
                tracking_number=options["tracking"],
                send=not options["no_send"],
                despite=options["despite_doubt"],
            )
        except ReasonNeeded as error:
            doubts = [str(error)]
        if doubts:
            raise NotAllowed(_in_doubt(doubts, options["no_send"]))
        return shipment

    def _find(self, store_name: str, order_id: str) -> Order:
        store = find_store(store_name)
        order = order_called(store, order_id)
        if order is None:
            message = _(
                "Order %(order)s of %(store)s is not here; import it with "
                "import_orders --order %(order)s."
            )
            raise CommandError(message % {"order": order_id, "store": store})
        return order

    def _say(self, shipment: Shipment, is_kept_here: bool) -> None:
        order = shipment.order
        names = {
            "marketplace": order.store.get_marketplace_display(),
            "order": order,
            "shipment": shipment,
        }
        if is_kept_here:
            message = _("Order %(order)s is shipped here; the marketplace is not told.")
        elif shipment.notification == Shipment.Notification.ACCEPTED:
            message = _(
                "%(marketplace)s shows order %(order)s as shipped: %(shipment)s."
            )
        else:
            waits = waits_for(shipment, clock.now())
            raise CommandError(f"{shipment.notification_error} {waits}".strip())
        self.stdout.write(message % names)


def _in_doubt(doubts: list[str], is_kept_here: bool) -> str:
    message = _(
        "%(doubts)s Nothing is recorded; --despite-doubt REASON sends it all the same."
    )
    if is_kept_here:
        message = _(
            "%(doubts)s Nothing is recorded; --despite-doubt REASON records it all the "
            "same."
        )
    return message % {"doubts": " ".join(doubts)}
