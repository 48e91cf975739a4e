"""The three groups, and people who are in one."""

from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection

from tests.factories import UserFactory

MIGRATION = import_module("orders.migrations.0003_groups")


def make_groups() -> None:
    """Make the groups as the migration does; tests that flush rows take them away."""
    MIGRATION.make_groups(apps, SimpleNamespace(connection=connection))


def member(group: str, **fields: str) -> User:
    """Return a new person of a group."""
    make_groups()
    user = UserFactory(**fields)
    user.groups.add(Group.objects.get(name=group))
    return user
