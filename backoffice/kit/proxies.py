"""Where a visitor is: behind a proxy only the proxy knows."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def as_the_proxy_says(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Take the visitor's address from the proxy, where the settings say there is one.

    The last address of the header is the one that our own proxy adds; those before it
    came with the request, and anybody can write them.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.BEHIND_PROXY:
            said = request.META.get("HTTP_X_FORWARDED_FOR", "")
            last = said.rpartition(",")[2].strip().partition("%")[0]
            with suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ip_address(last))
        return answer(request)

    return middleware
