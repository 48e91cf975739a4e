"""The page shown while the database has a known trouble; it needs neither."""

import logging
import sys

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.defaults import server_error

from backoffice.kit.troubles import Trouble, recognise

logger = logging.getLogger(__name__)

SERVICE_UNAVAILABLE = 503
RETRY_AFTER = "30"


class DatabaseTroubles:
    """Answers with the trouble's own sentence what a view could not do."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        return trouble_page(request, error)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer what failed outside the views, a session that is not stored for one."""
    return trouble_page(request, sys.exc_info()[1]) or server_error(request)


def trouble_page(
    request: HttpRequest, error: BaseException | None
) -> HttpResponse | None:
    trouble = recognise(error) if isinstance(error, Error) else None
    if not trouble:
        return None
    logger.error("%s (%s: %s)", trouble, type(error).__name__, str(error).strip())
    return HttpResponse(
        _page(request, trouble),
        status=SERVICE_UNAVAILABLE,
        headers={"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"},
    )


def _page(request: HttpRequest, trouble: Trouble) -> str:
    context = {
        "trouble": trouble,
        "language": get_language(),
        "was_a_step": request.method not in ("GET", "HEAD"),
        "again": request.get_full_path(),
    }
    return render_to_string("backoffice/trouble.html", context)
