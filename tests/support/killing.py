"""Kill programs in the middle of a call, and let the time go by after that."""

from datetime import timedelta
from subprocess import Popen

from django.db.models import F
from django.utils import timezone as clock

from orders import notifying
from orders.models import Shipment
from orders.models.shipments import READS_BEFORE_REPOST, REPOST_AFTER
from stores.models import Store
from stores.sandbox.shops.server import Request, Shop
from tests.support.programs import clear_away


def kill_at_call(
    shop: Shop, process: Popen, action: str, call: int = 1, is_taken: bool = True
) -> None:
    """Kill the process, with all it started, when its nth call of a kind arrives.

    The shop does what the call wants all the same, unless it is lost.
    """
    seen: list[Request] = []

    def strike(request: Request) -> None:
        if request.action != action:
            return
        seen.append(request)
        if len(seen) == call:
            if not is_taken:
                shop.fault("lost_request", on=action)
            clear_away(process)

    shop.on_request = strike


def two_minutes_pass() -> None:
    """Let the leases and claims of the dead run out, without the waiting."""
    past = clock.now() - timedelta(seconds=1)
    Store.objects.exclude(lease_until=None).update(lease_until=past)
    Store.objects.exclude(sending_until=None).update(sending_until=past)
    Shipment.objects.exclude(claimed_until=None).update(claimed_until=past)


def hours_pass(shipment: Shipment) -> Shipment:
    """Have the notice tried as the sweep would, over the hours."""
    for _ in range(READS_BEFORE_REPOST + 2):
        Shipment.objects.exclude(posted_at=None).update(
            posted_at=F("posted_at") - REPOST_AFTER
        )
        notifying.send_tracking(shipment)
    shipment.refresh_from_db()
    return shipment
