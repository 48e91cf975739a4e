"""The pages of their own that one passes to get in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise


def frame(request: HttpRequest, title: Promise | str, **more: Any) -> dict[str, Any]:
    """Return what such a page shows; no way around it, which would lead back here."""
    return admin.site.each_context(request) | {"title": title, "site_url": ""} | more


def door(
    request: HttpRequest,
    title: Promise | str,
    form: forms.Form | None,
    button: Promise | str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return a page with one form, or with a sentence and where it leads on to."""
    context = frame(request, title, form=form, button=button, **more)
    return render(request, "backoffice/door.html", context, status=status)
