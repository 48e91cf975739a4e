"""The addresses of the back office, and some whose views fail."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest
from django.urls import path

from backoffice import urls
from backoffice.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def fail(request: HttpRequest) -> None:
    raise RuntimeError("a bug")


def refuse(request: HttpRequest) -> None:
    raise PermissionDenied


def miss(request: HttpRequest) -> None:
    raise Http404


def suspect(request: HttpRequest) -> None:
    raise SuspiciousOperation


urlpatterns = [
    path("fail/", fail),
    path("missing/", miss),
    path("refuse/", refuse),
    path("suspect/", suspect),
    *urls.urlpatterns,
]
