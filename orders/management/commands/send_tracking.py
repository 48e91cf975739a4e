"""Send all tracking that the marketplace has yet to hear of."""

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tqdm import tqdm

from backoffice.kit.commands import OperatorCommand
from backoffice.kit.sentences import in_english
from orders.models import Shipment
from orders.notifying import request_sending, send_tracking
from stores.commands import find_stores


class Command(OperatorCommand):
    help = gettext_lazy(
        "Send carrier and tracking number of all shipments that wait or are not "
        "confirmed yet, due or not. "
        "Example: manage.py send_tracking 'Main store' --retry-refused"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "stores",
            metavar="STORE",
            nargs="*",
            help=_("store names (all active ones)"),
        )
        parser.add_argument(
            "--order",
            dest="order_ids",
            metavar="ID",
            nargs="+",
            action="extend",
            default=[],
            help=_("only the shipments of these orders"),
        )
        parser.add_argument(
            "--retry-refused",
            action="store_true",
            help=_("send refused ones again too"),
        )
        parser.add_argument(
            "--dry-run", action="store_true", help=_("list them and send nothing")
        )
        parser.add_argument(
            "--json", action="store_true", help=_("print one JSON object a shipment")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        shipments = self._choose(options)
        if not options["dry_run"]:
            shipments = request_sending(
                shipments, retry_refused=options["retry_refused"]
            )
        shipments = list(shipments)
        silent = options["json"] or not sys.stderr.isatty()
        failed = 0
        for shipment in tqdm(
            shipments, unit=_(" shipments"), disable=silent, leave=False
        ):
            if not options["dry_run"]:
                send_tracking(shipment)
                failed += shipment.notification != Shipment.Notification.ACCEPTED
            self._report(shipment, options["json"])
        if not shipments and not options["json"]:
            self.stdout.write(_("There is nothing to send."))
        if failed:
            raise SystemExit(1)

    def _choose(self, options: dict[str, Any]) -> QuerySet[Shipment]:
        wanted = [*Shipment.OPEN]
        if options["retry_refused"]:
            wanted.append(Shipment.Notification.REFUSED)
        shipments = Shipment.objects.filter(notification__in=wanted)
        if options["stores"]:
            stores = find_stores(options["stores"])
            shipments = shipments.filter(order__store__in=stores)
        else:
            shipments = shipments.filter(order__store__is_active=True)
        if options["order_ids"]:
            shipments = shipments.filter(
                order__marketplace_order_id__in=options["order_ids"]
            )
        shipments = shipments.select_related("order__store").defer("order__payload")
        return shipments.order_by("pk")

    def _report(self, shipment: Shipment, as_json: bool) -> None:
        facts = {
            "store": shipment.order.store.name,
            "order": shipment.order.marketplace_order_id,
            "carrier": shipment.carrier,
            "tracking_number": shipment.tracking_number,
            "notification": shipment.notification,
            "error": shipment.notification_error,
        }
        if as_json:
            self.print_json(facts | {"error": in_english(facts["error"])})
        else:
            state = shipment.get_notification_display()
            line = "{store} {order} {carrier} {tracking_number}: ".format(**facts)
            with tqdm.external_write_mode():
                self.stdout.write(f"{line}{state} {facts['error']}".strip())
