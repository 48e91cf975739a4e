"""Ship one order and tell the marketplace at once."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand
from orders.models import Order, Shipment
from orders.notifying import send_tracking
from orders.shipping import NotAllowed, ship_order
from stores.commands import find_store


class Command(OperatorCommand):
    help = gettext_lazy(
        "Mark an order as shipped, send carrier and tracking number at once and say "
        "what the marketplace answered. Example: manage.py ship_order 'Main store' "
        "59010920 --carrier USPS --tracking 9400100000000000000000"
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
        parser.add_argument(
            "--no-send",
            action="store_true",
            help=_("record the shipment here and tell the marketplace nothing"),
        )

    def handle(self, *, order_id: str, **options: Any) -> None:
        store = find_store(options["store"])
        order = Order.objects.filter(store=store, marketplace_order_id=order_id).first()
        if order is None:
            message = _(
                "Order %(order)s of %(store)s is not here; import it with "
                "import_orders --order %(order)s."
            )
            raise CommandError(message % {"order": order_id, "store": store})
        try:
            shipment = ship_order(
                order,
                carrier=options["carrier"],
                tracking_number=options["tracking"],
                send=not options["no_send"],
            )
        except NotAllowed as error:
            raise CommandError(str(error)) from None
        if options["no_send"]:
            message = _("Order %(order)s is shipped here; the marketplace is not told.")
            self.stdout.write(message % {"order": order})
            return
        send_tracking(shipment)
        if shipment.notification != Shipment.Notification.ACCEPTED:
            raise CommandError(shipment.notification_error)
        message = _("%(marketplace)s shows order %(order)s as shipped: %(shipment)s.")
        self.stdout.write(
            message
            % {
                "marketplace": store.get_marketplace_display(),
                "order": order,
                "shipment": shipment,
            }
        )
