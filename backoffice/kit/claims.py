"""Rows that are taken, or wait, until a moment that a wrong clock may have set."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now


def has_come(field: str, now: datetime | Combinable, longest: timedelta) -> Q:
    """Match rows whose moment is empty or over, or further ahead than `longest`.

    None is ever set as far ahead as that: the clock has been set back since.
    """
    from_the_future = Q(**{f"{field}__gt": now + longest})
    return Q(**{field: None}) | Q(**{f"{field}__lte": now}) | from_the_future


def is_free(field: str, claim_time: timedelta) -> Q:
    """Match rows that nobody holds, by the database's clock."""
    # Twice the time of a claim, not once: a statement that waited for the row has an
    # older time than the winner's.
    return has_come(field, Now(), 2 * claim_time)
