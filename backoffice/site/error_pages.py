"""The pages in place of one that cannot be shown, in the house's face.

They carry their own style and ask no database, since either may be what is broken.
"""

import secrets
from collections.abc import Callable, Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.kit.password_again import is_step

Text = str | Promise

# By their status: what happened, and what to do next.
WORDS: dict[int, tuple[Text, Text]] = {
    400: (
        _("This request cannot be read."),
        _(
            "Nothing was changed; go back and try again with fewer rows or a smaller "
            "file, at the address that the back office is known by."
        ),
    ),
    403: (
        _("You may not see or do this."),
        _("Ask a superuser for the permission, or log in as somebody who has it."),
    ),
    404: (
        _("There is nothing at this address."),
        _("What was here is deleted, or the address is mistyped."),
    ),
    405: (
        _("This step cannot be opened by its address."),
        _(
            "Nothing was changed; go to the page with its button, and take the step "
            "there."
        ),
    ),
    500: (
        _("This page failed."),
        _(
            "The log of the web server has the reason; tell whoever looks after it "
            "when it happened."
        ),
    ),
}
EXPIRED = _("This form has expired.")
FILL_IN_AGAIN = _(
    "Somebody logged in or out meanwhile, or cookies are blocked; nothing was stored. "
    "Load the form again and fill it in once more."
)
LOOK_FIRST = _(
    "Once it works again, look whether your last step was stored before you do it "
    "again."
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return alone(400, *WORDS[400])


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return alone(403, *WORDS[403])


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return alone(404, *WORDS[404])


def page_failed(request: HttpRequest) -> HttpResponse:
    doubt = [LOOK_FIRST] if is_step(request) else []
    return alone(500, *WORDS[500], *doubt, links=again(request))


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Lead back to the form, which came without the proof that it is from here."""
    if request.headers.get("HX-Request"):
        # A dialog would show nothing; the page below it says why it closed.
        messages.error(request, f"{EXPIRED} {FILL_IN_AGAIN}")
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    form, hosts = request.headers.get("Referer", ""), {request.get_host()}
    links = []
    if url_has_allowed_host_and_scheme(form, hosts, request.is_secure()):
        links.append((_("Load the form again"), form))
    return alone(403, EXPIRED, FILL_IN_AGAIN, links=links)


def never_blank(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say in words what a view refused without any, as when one reloads a step."""

    def middleware(request: HttpRequest) -> HttpResponse:
        refused = answer(request)
        if refused.status_code not in {400, 405} or refused.streaming:
            return refused
        if refused.content or request.headers.get("HX-Request"):
            return refused
        page = alone(refused.status_code, *WORDS[refused.status_code])
        if "Allow" in refused:
            page.headers["Allow"] = refused["Allow"]
        return page

    return middleware


def again(request: HttpRequest) -> list[tuple[Text, str]]:
    """Return the link that asks once more, if that changes nothing."""
    if is_step(request):
        return []
    return [(_("Try again"), escape_leading_slashes(request.get_full_path()))]


def alone(
    status: int,
    sentence: Text,
    *next_steps: Text,
    links: Iterable[tuple[Text, str]] = (),
    note: Text = "",
) -> HttpResponse:
    """Return a page that needs nothing else, and leads to the front page at least."""
    nonce = secrets.token_urlsafe(16)
    context = {
        "nonce": nonce,
        "language": get_language(),
        "sentence": sentence,
        "next_steps": next_steps,
        "links": [*links, (_("To the front page"), reverse("admin:index"))],
        "note": f"{note} ({status})",
    }
    text = render_to_string("backoffice/alone.html", context)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": policy}
    return HttpResponse(text, status=status, headers=headers)
