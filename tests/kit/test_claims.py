"""Who dies or has a wrong clock holds a row no longer than a claim lasts."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from backoffice.kit.claims import has_come, is_free
from stores.models import Store
from tests.factories import StoreFactory

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("held_for", "free"), [(None, True), (-0.1, True), (0.9, False), (2.1, True)]
)
def test_a_row_is_free_unless_its_claim_lasts_and_is_believable(db, held_for, free):
    until = None if held_for is None else clock.now() + held_for * HOUR
    StoreFactory(lease_until=until)

    assert Store.objects.filter(is_free("lease_until", HOUR)).exists() is free


@pytest.mark.parametrize(
    ("pause", "come"), [(timedelta(), True), (HOUR, False), (1.1 * HOUR, True)]
)
def test_a_pause_that_is_longer_than_any_is_over(db, pause, come):
    now = clock.now()
    StoreFactory(backoff_until=now + pause)

    assert Store.objects.filter(has_come("backoff_until", now, HOUR)).exists() is come
