"""What a browser may do with our answers: whom it asks, what it runs, what it keeps."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

# No request brings it: what comes as a header begins with HTTP_.
WIDER = "backoffice.wider_policy"
PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)
# A host and its port, without what ends a directive or stands for every host.
HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", re.ASCII | re.IGNORECASE)


def allow(request: HttpRequest, directive: str, *sources: str) -> None:
    """Widen the content policy of the one page that answers."""
    request.META[WIDER] = {**request.META.get(WIDER, {}), directive: sources}


def allow_pictures(request: HttpRequest, urls: Iterable[str]) -> None:
    """Let the page that answers load pictures from the hosts of these addresses."""
    parts = [urlsplit(url) for url in urls]
    hosts = sorted(
        {f"{one.scheme}://{one.netloc}" for one in parts if HOST.fullmatch(one.netloc)}
    )
    if hosts:
        allow(request, "img-src", *hosts)


class ContentPolicy(CSPMiddleware):
    """Sends the policy of the settings, wider only where a page asked for it."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        parts.update = request.META.get(WIDER, parts.update)
        return parts


def private_answers(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Keep answers out of caches and other origins, and devices out of pages."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    return middleware
