"""The pages of their own that one passes to get in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise


def door(
    request: HttpRequest,
    title: Promise | str,
    form: forms.Form | None,
    submit: Promise | str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return a page with one form, or with a sentence and where it leads on to."""
    context = admin.site.each_context(request) | {"title": title, "form": form}
    context |= {"submit": submit} | more
    return render(request, "backoffice/door.html", context, status=status)
