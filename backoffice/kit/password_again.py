"""Ask for the password again before what a stolen session must not do."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

# When the password was typed, as the session keeps it; signing in counts.
PROVED_AT = "proved_at"
# A page opens so many seconds after that, and takes what was filled in a while longer.
OPENS_FOR = 10 * 60
TAKEN_FOR = 30 * 60


def password_again(view: Callable[..., Any]) -> Callable[..., Any]:
    """Have a view ask for the password first, unless it was typed minutes ago.

    For views, methods of an admin class and actions, then above `@action`.
    """

    @wraps(view)
    def asking(*args: Any, **kwargs: Any) -> Any:
        request = next(one for one in args if isinstance(one, HttpRequest))
        if is_password_fresh(request):
            return view(*args, **kwargs)
        return ask_for_password(request)

    return asking


def note_password(request: HttpRequest) -> None:
    """Note that whoever sits here has just typed the password."""
    request.session[PROVED_AT] = time.time()


def is_password_fresh(request: HttpRequest) -> bool:
    """Whether the password was typed lately enough for this page, or for its form."""
    age = time.time() - request.session.get(PROVED_AT, 0)
    return bool(age < (TAKEN_FOR if is_step(request) else OPENS_FOR))


def ask_for_password(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks for it and back; say so if something was sent."""
    if is_step(request):
        message = _(
            "Nothing was stored, because you typed your password more than "
            "%(minutes)d minutes ago. Type it again, then fill in the form once more."
        )
        messages.warning(request, message % {"minutes": TAKEN_FOR // 60})
    is_dialog = "HX-Request" in request.headers
    # A dialog is no page one can come back to; the page below it is.
    back = request.headers.get("HX-Current-URL", "") if is_dialog else ""
    question = urlencode({"next": back or request.get_full_path()})
    url = f"{reverse('password_again')}?{question}"
    if is_dialog:
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def is_step(request: HttpRequest) -> bool:
    """Whether what was asked for may have changed something."""
    return request.method not in ("GET", "HEAD")
