"""A store that is switched off says what it leaves untold: no page counts that."""

import pytest
from django.utils import timezone as clock

from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import SUBMITTED
from tests.support.store_pages import save, step

pytestmark = pytest.mark.django_db

STATES = [
    {"notification": "pending"},
    {"notification": "refused"},
    {"notification": "not_sent", "not_sent_because": "doubt"},
    {"notification": "not_sent", "not_sent_because": "store"},
    # Nobody waits for these.
    {"notification": "not_sent", "not_sent_because": "choice"},
    {"notification": "accepted"},
]
SAID = "The tracking of 4 orders waits while Main store is off."


@pytest.fixture
def store() -> Store:
    store = StoreFactory(name="Main store")
    for place, state in enumerate(STATES):
        OrderFactory(store=store).shipments.create(
            carrier="USPS",
            tracking_number=f"940011189956217340650{place}",
            shipped_at=clock.now(),
            **state,
        )
    return store


def test_it_is_said_when_the_store_is_switched_off_and_not_again(admin_client, store):
    off = save(admin_client, store, is_active="")
    said = admin_client.get(off.url).text
    again = admin_client.get(save(admin_client, store, is_active="").url).text

    assert not Store.objects.get().is_active
    assert SAID in said
    assert "The tracking of" not in again


def test_it_is_said_when_the_store_is_disconnected(admin_client, store):
    url = step(store, "disconnect_store")

    assert SAID in admin_client.post(url, SUBMITTED, follow=True).text


def test_nothing_is_said_where_nothing_waits(admin_client):
    answer = save(admin_client, StoreFactory(), is_active="")

    assert "The tracking of" not in admin_client.get(answer.url).text
