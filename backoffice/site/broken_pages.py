"""The pages in place of what a view could not do, and of what is not there."""

import logging
import sys

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from backoffice.kit.password_again import is_step
from backoffice.kit.troubles import recognise
from backoffice.site.error_pages import (
    LOOK_FIRST,
    again,
    alone,
    page_failed,
    page_not_found,
)

logger = logging.getLogger(__name__)

SERVICE_UNAVAILABLE = 503
RETRY_AFTER = "30"


class DatabaseTroubles(MiddlewareMixin):
    """Answers in a sentence what a view could not do."""

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if isinstance(error, Http404):
            # With DEBUG too: what is gone is no error that a developer looks into.
            return page_not_found(request, error)
        return trouble_page(request, error)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer what failed outside the views, a session that is not stored for one."""
    return trouble_page(request, sys.exc_info()[1]) or page_failed(request)


def trouble_page(
    request: HttpRequest, error: BaseException | None
) -> HttpResponse | None:
    trouble = recognise(error) if isinstance(error, Error) else None
    if not trouble:
        return None
    logger.error("%s (%s: %s)", trouble, type(error).__name__, str(error).strip())
    doubt = [LOOK_FIRST] if is_step(request) else []
    words = _("The log of the web server has the database's own words.")
    page = alone(
        SERVICE_UNAVAILABLE,
        trouble.sentence,
        trouble.next_step,
        *doubt,
        links=again(request),
        note=f"{words} {trouble.cause}",
    )
    page.headers["Retry-After"] = RETRY_AFTER
    return page
