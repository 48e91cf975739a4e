"""Strings that name code: tasks, schedules, pages and permissions exist."""

import ast
import inspect
import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.urls import get_resolver
from django.utils.module_loading import import_string

from backoffice.schedules import SCHEDULES
from orders import tasks
from tests.support.programs import ROOT
from tests.support.sources import sources

APPS = ("backoffice", "stores", "orders")
# Not the beginnings of names that are put together.
PAGE = re.compile(r"^admin:\w*[a-z]$")


def templates() -> list[str]:
    return [path.read_text() for path in ROOT.glob("*/templates/**/*.html")]


def called(*functions: str) -> Iterator[str]:
    """Yield the first argument of each call to these functions, where it is text."""
    for tree in sources().values():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if name in functions and isinstance(first, ast.Constant):
                yield first.value


def texts() -> Iterator[str]:
    for tree in sources().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_each_task_that_is_queued_exists():
    queued = set(called("enqueue"))

    assert {"refresh_store", "send_notices"} <= queued
    assert [name for name in queued if not callable(getattr(tasks, name, None))] == []


def test_each_task_that_is_queued_takes_a_key_at_most():
    taken = {
        name: [
            one.annotation
            for one in inspect.signature(getattr(tasks, name)).parameters.values()
            if one.default is one.empty
        ]
        for name in set(called("enqueue"))
    }

    assert any(taken.values())
    assert all(kinds in ([], [int]) for kinds in taken.values())


def test_nothing_goes_to_the_queue_but_through_one_door():
    handed = [
        node
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "async_task"
        # The demo's first tasks have no arguments.
        and [ast.unparse(one) for one in node.args[1:]] != []
    ]

    assert [ast.unparse(node) for node in handed] == ["async_task(name, *arguments)"]


def test_each_function_that_a_schedule_or_the_queue_names_exists():
    named = {function for function, *_ in SCHEDULES.values()}
    named |= set(called("async_task"))

    assert "backoffice.health.beat" in named
    assert all(callable(import_string(name)) for name in named)


def test_each_page_that_is_named_exists():
    named = {text for text in texts() if PAGE.match(text)}
    named |= {
        name
        for template in templates()
        for name in re.findall(r"{% url ['\"](\w+:\w+)['\"]", template)
    }
    known = get_resolver().namespace_dict["admin"][1].reverse_dict

    assert "admin:orders_order_changelist" in named
    missing = [name for name in named if name.removeprefix("admin:") not in known]
    assert missing == []


@pytest.mark.django_db
def test_each_permission_that_is_asked_for_exists():
    pattern = re.compile(rf"^({'|'.join(APPS)}|auth)\.([a-z]+(_[a-z]+)+)$")
    known = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list(
            "content_type__app_label", "codename"
        )
    }
    asked = set(called("has_perm", "with_perm"))
    asked |= {
        one.value
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "permissions"
        for one in ast.walk(node.value)
        if isinstance(one, ast.Constant) and pattern.match(one.value)
    }
    for template in templates():
        asked |= {
            f"{app}.{name}"
            for app, name in re.findall(r"perms\.(\w+)\.(\w+)", template)
        }

    assert "stores.import_now" in asked
    assert asked - known == set()
