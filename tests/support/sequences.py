"""The numbers that new rows get, where rows were stored under keys of their own."""

from collections.abc import Iterable

from django.core.management.color import no_style
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model


def set_sequences(
    connection: BaseDatabaseWrapper, models: Iterable[type[Model]]
) -> None:
    """Have new rows of these models numbered after those that are there."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)
