"""Send all tracking that the marketplace has yet to hear of, or that of some orders."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from tqdm import tqdm

from backoffice.kit.commands import OperatorCommand, add_flag, wrong_usage
from backoffice.kit.sentences import in_english, joined, sentence
from orders.models import Shipment
from orders.notifying import request_sending, senders
from orders.notifying.by_number import Meant, meant_by
from orders.notifying.last_look import doubts_about
from orders.shipping.refusals import record_override
from stores.commands import (
    add_orders_argument,
    add_stores_argument,
    find_stores_or_active,
)
from stores.models import Store

Notification = Shipment.Notification


class Command(OperatorCommand):
    help = gettext_lazy(
        "Send carrier and tracking number of all shipments that wait or are not "
        "confirmed yet, due or not; of the orders that are named, also what was "
        "recorded without sending, and say of each why it was or was not sent. "
        "Example: manage.py send_tracking 'Main store' --retry-refused"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_stores_argument(parser)
        add_orders_argument(parser, _("only the shipments of these orders"))
        parser.add_argument(
            "--despite-doubt",
            metavar="REASON",
            default="",
            help=_(
                "with --order, send a doubtful number too; the order's history keeps "
                "the reason"
            ),
        )
        add_flag(parser, "--retry-refused", _("send refused ones again too"))
        add_flag(parser, "--dry-run", _("list them and send nothing"))
        add_flag(parser, "--json", _("print one JSON object a shipment"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["despite_doubt"] and not options["order_ids"]:
            raise wrong_usage(_("--despite-doubt goes with --order."))
        is_dry = options["dry_run"]
        chosen = self._choose(options)
        if not is_dry:
            self._request(chosen, options)
        failed = 0
        told = tqdm(
            chosen if is_dry else _tried(chosen),
            total=len(chosen),
            unit=_(" shipments"),
            # With None, only a terminal gets a bar.
            disable=options["json"] or None,
            leave=False,
        )
        for one in told:
            failed += self._has_failed(one, is_dry)
            self._report(one, options["json"])
        if not chosen and not options["json"]:
            self.stdout.write(_("There is nothing to send."))
        if not (options["json"] or options["order_ids"]):
            self._say_what_waits(options["stores"])
        if failed:
            raise SystemExit(1)

    def _say_what_waits(self, names: list[str]) -> None:
        """Name the shipments that go by the number of their order alone."""
        stores = find_stores_or_active(names)
        kept = Shipment.objects.for_a_person().filter(order__store__in=stores)
        if count := kept.count():
            message = ngettext(
                "%(count)d shipment waits for somebody to name its order with --order.",
                "%(count)d shipments wait for somebody to name their orders with "
                "--order.",
                count,
            )
            self.stdout.write(message % {"count": count})

    def _choose(self, options: dict[str, Any]) -> list[Meant]:
        stores = find_stores_or_active(options["stores"])
        if options["order_ids"]:
            return meant_by(
                options["order_ids"],
                stores,
                retry_refused=options["retry_refused"],
                despite_doubt=bool(options["despite_doubt"].strip()),
            )
        wanted = [*Shipment.OPEN]
        if options["retry_refused"]:
            wanted.append(Notification.REFUSED)
        shipments = (
            Shipment.objects.filter(notification__in=wanted, order__store__in=stores)
            .with_order()
            .order_by("pk")
        )
        return [Meant(str(shipment.order), shipment) for shipment in shipments]

    def _request(self, chosen: list[Meant], options: dict[str, Any]) -> None:
        """Put what is to be sent in the outbox, with the reason despite a doubt."""
        reason = options["despite_doubt"].strip()
        going = _shipments(one for one in chosen if not one.reason)
        for shipment in going if reason else []:
            if found := doubts_about(shipment):
                record_override(shipment.order, joined(found), reason, None)
        request_sending(
            Shipment.objects.filter(pk__in=[shipment.pk for shipment in going]),
            retry_refused=options["retry_refused"],
        )

    def _has_failed(self, one: Meant, is_dry: bool) -> bool:
        if one.shipment is None:
            return True
        is_accepted = one.shipment.notification == Notification.ACCEPTED
        return not is_accepted and (bool(one.reason) or not is_dry)

    def _report(self, one: Meant, as_json: bool) -> None:
        shipment = one.shipment
        facts = {
            "store": shipment and shipment.order.store.name,
            "order": one.number,
            "carrier": shipment and shipment.carrier,
            "tracking_number": shipment and shipment.tracking_number,
            "notification": shipment and shipment.notification,
            "error": one.reason or _error(shipment),
        }
        if as_json:
            self.print_json(facts | {"error": in_english(facts["error"])})
            return
        line = f"{one.number}:"
        if shipment:
            line = "{store} {order} {carrier} {tracking_number}:".format(**facts)
            line += f" {shipment.notice_in_words}"
        with tqdm.external_write_mode():
            self.stdout.write(f"{line} {facts['error']}".strip())


def _tried(chosen: list[Meant]) -> Iterator[Meant]:
    """Send what is to go, store by store, and yield each with what became of it."""
    going: dict[Store, dict[int, Meant]] = defaultdict(dict)
    for one in chosen:
        if one.shipment and not one.reason:
            going[one.shipment.order.store][one.shipment.pk] = one
        else:
            yield one
    for store, waiting in going.items():
        error = ""
        for shipment in senders.send_named(store, _shipments(waiting.values())):
            error = shipment.notification_error
            yield waiting.pop(shipment.pk)
        for one in waiting.values():
            message = sentence("Order %(order)s was not tried any more: %(error)s")
            reason = message % {"order": one.number, "error": error}
            yield replace(one, reason=reason)


def _shipments(meant: Iterable[Meant]) -> list[Shipment]:
    return [one.shipment for one in meant if one.shipment]


def _error(shipment: Shipment | None) -> str:
    """Return what keeps a notice from being accepted, as far as its row tells."""
    if shipment is None:
        return ""
    is_claimed = shipment.notification in Shipment.OPEN and shipment.claimed_until
    if is_claimed and not shipment.notification_error:
        return sentence("Another process is sending this notice; look again later.")
    return shipment.notification_error
