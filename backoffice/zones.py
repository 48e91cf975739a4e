"""The zone of whoever looks: every page shows its own times in it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone as clock

from stores import zones

# Written by zone.js, and read by nothing but the next page.
COOKIE = "zone"


def viewers_zone(request: HttpRequest) -> zones.Zone:
    """Return the zone the browser names, the server's while it names none."""
    name = request.COOKIES.get(COOKIE)
    return zones.Zone(name if name in zones.known() else settings.TIME_ZONE)


def in_viewers_zone(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer each request in the zone of whoever asks."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with clock.override(viewers_zone(request)):
            return answer(request)

    return middleware
