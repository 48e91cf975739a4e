"""Find the stores that somebody names on the command line."""

from collections.abc import Iterable

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from backoffice.kit.commands import WRONG_USAGE
from stores.models import Store


def find_stores(names: Iterable[str]) -> list[Store]:
    """Return the stores of these names, in their order; wrong usage when unknown."""
    return [find_store(name) for name in names]


def find_store(name: str) -> Store:
    try:
        return Store.objects.get(name=name)
    except Store.DoesNotExist:
        known = ", ".join(Store.objects.values_list("name", flat=True))
        message = (
            _("There is no store “%(name)s”; the stores are: %(known)s.")
            if known
            else _("There is no store “%(name)s”; connect one with connect_store.")
        )
        raise CommandError(
            message % {"name": name, "known": known}, returncode=WRONG_USAGE
        ) from None
