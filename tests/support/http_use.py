"""Which tests ask a page or a practice marketplace, as their code says."""

from collections.abc import Iterator
from functools import cache
from inspect import isclass, isfunction, ismodule, unwrap
from socketserver import BaseServer
from types import CodeType
from typing import Any

import pytest
from django.test import Client

from stores.sandbox.serving import Served

# Who names one of these asks over HTTP, or as if it did.
ASKED = (BaseServer, Served, Client)
# These of pytest-django name theirs where they import it.
CLIENTS = {"client", "admin_client", "live_server"}


def uses_http(item: pytest.Item) -> bool:
    """Return whether the test, a fixture of it or what they call names a server."""
    if CLIENTS & set(item.fixturenames):
        return True
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    waiting = [item.function, *(one.func for named in fixtures for one in named)]
    seen = set()
    while waiting:
        one = waiting.pop()
        if _is_asked(one):
            return True
        if one not in seen:
            seen.add(one)
            waiting += _named(one)
    return False


@cache
def _named(one: Any) -> frozenset[Any]:
    """Return the functions and classes that the code of a function or class names."""
    functions = [unwrap(one)] if isfunction(one) else _methods(one)
    return frozenset(
        value
        for function in functions
        for value in _values(function)
        if _is_asked(value) or _is_of_the_tests(value)
    )


def _methods(one: type) -> list[Any]:
    return [value for value in vars(one).values() if isfunction(value)]


def _is_asked(value: Any) -> bool:
    return isclass(value) and issubclass(value, ASKED)


def _is_of_the_tests(value: Any) -> bool:
    is_code = isfunction(value) or isclass(value)
    return is_code and value.__module__.startswith("tests.")


def _values(function: Any) -> Iterator[Any]:
    names = set(_names(function.__code__))
    for value in map(function.__globals__.get, names):
        yield value
        if ismodule(value):
            yield from (vars(value)[name] for name in names & vars(value).keys())


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
