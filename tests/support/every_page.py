"""Every address there is, found by itself, so that a new page is walked too."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern
from pypdf import PdfReader

from orders.models import ImportRun, Job, Order, Sending, TrackingFile
from stores.marketplaces import MARKETPLACES
from stores.models import Store

Rows = Mapping[type[Model], Sequence[Model]]

# What an argument of an address names; `object_id` is a row of the admin's model.
ARGUMENTS: dict[str, type[Model]] = {
    "id": User,
    "order_id": Order,
    "store_id": Store,
    "run_id": ImportRun,
    "job_id": Job,
    "sending_id": Sending,
    "file_id": TrackingFile,
}
ADD_STORE = "stores/store/add/"
# Whose arguments name no row, and what asks more than one thing: all that there is.
FILLED_IN: dict[str, list[str]] = {
    "admin:app_list": ["orders/", "stores/", "auth/", "backoffice/", "django_q/"],
    "password_reset_confirm": ["password/reset/MQ/a-token/"],
    "admin:stores_store_add": [
        ADD_STORE,
        *(f"{ADD_STORE}?marketplace={name}" for name in MARKETPLACES),
    ],
    # Leads to the page of a row at a site of its own, which no row of ours has.
    "admin:view_on_site": [],
}
# The admin's page of all addresses that are none, which has no name.
NO_PAGE = "django.contrib.admin.sites.AdminSite.catch_all_view"
# Lists that show a part of their rows unless asked for all.
EVERY_ROW = {"orders.Order": "?view=all", "orders.ImportProblem": "?state=all"}


class UnknownArgument(Exception):
    """An address takes something that the walk cannot fill in."""


@dataclass(frozen=True)
class Page:
    """An address: its name, and the row it names, if it names one."""

    name: str
    url: str
    row: Model | None = None


@dataclass(frozen=True)
class Action:
    """A step of a list: where it is posted, and what says it."""

    name: str
    url: str
    model: type[Model]

    def data(self, keys: Iterable[Any]) -> dict[str, Any]:
        return {"action": self.name, "_selected_action": [str(one) for one in keys]}


def every_page(
    rows: Rows, patterns: Iterable[URLPattern | URLResolver] | None = None
) -> Iterator[Page]:
    """Yield each address, for each of these rows where it names one.

    Raises `UnknownArgument` for one that cannot be filled in.
    """
    found = get_resolver().url_patterns if patterns is None else patterns
    for name, route, pattern in _leaves(found):
        if name in FILLED_IN:
            for one in FILLED_IN[name]:
                yield Page(name, f"/{one}")
        elif pattern.lookup_str != NO_PAGE:
            yield from _filled(name, route, pattern, rows)


def every_action(labels: Iterable[str] = ()) -> Iterator[Action]:
    """Yield each step of each list, of the apps with these labels or of all."""
    registered: dict[type[Model], Any] = {**admin.site._registry}
    for model, model_admin in registered.items():
        if labels and model._meta.app_label not in labels:
            continue
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        url = reverse(f"admin:{name}_changelist") + EVERY_ROW.get(model._meta.label, "")
        for _function, step, _title in model_admin._get_base_actions():
            yield Action(step, url, model)


def told_by(answer: HttpResponseBase) -> str:
    """Return all that an answer says: its headers, its text, and what a file holds."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    cookies = answer.cookies.output()
    return "\n".join([headers, cookies, _text(_content(answer))])


def _leaves(
    patterns: Iterable[URLPattern | URLResolver], name: str = "", route: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for one in patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLResolver):
            space = f"{one.namespace}:" if one.namespace else ""
            yield from _leaves(one.url_patterns, name + space, here)
        else:
            yield f"{name}{one.name or here}", here, one


def _filled(name: str, route: str, pattern: URLPattern, rows: Rows) -> Iterator[Page]:
    arguments = list(pattern.pattern.converters)
    if not arguments and isinstance(pattern.pattern, RoutePattern):
        yield Page(name, f"/{route}")
        return
    model = _named_by(arguments, route) if len(arguments) == 1 else None
    if model is None:
        named = ", ".join(arguments) or str(pattern.pattern)
        raise UnknownArgument(
            f"The address “{route}” ({name}) takes {named}, which the walk cannot fill "
            "in: say in ARGUMENTS or FILLED_IN of tests/support/every_page.py what "
            "that names."
        )
    before, after = route.split("<")[0], route.split(">")[-1]
    for row in rows.get(model, []):
        yield Page(name, f"/{before}{row.pk}{after}", row)


def _named_by(arguments: list[str], route: str) -> type[Model] | None:
    """Return the model whose rows the only argument names, None if nobody knows."""
    (argument,) = arguments
    if argument != "object_id":
        return ARGUMENTS.get(argument)
    label, model = route.split("/")[:2]
    return apps.get_model(label, model)


def _content(answer: HttpResponseBase) -> bytes:
    if isinstance(answer, HttpResponse):
        return answer.content
    return b"".join(answer)


def _text(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(content)).pages
        return "\n".join(page.extract_text() for page in pages)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return "\n".join(file.read(one).decode() for one in file.namelist())
    return content.decode(errors="replace")
