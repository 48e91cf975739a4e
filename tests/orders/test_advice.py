"""What a notice waits for is said in one sentence, the same everywhere."""

from datetime import UTC, datetime, timedelta

import pytest

from orders.advice import waits_for
from orders.models import Shipment
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def shipped(store: dict | None = None, **fields) -> Shipment:
    of_store = {f"store__{name}": value for name, value in (store or {}).items()}
    order = OrderFactory(store__name="Main", **of_store)
    defaults = {"carrier": "USPS", "shipped_at": NOW, "next_attempt_at": NOW}
    return order.shipments.create(**(defaults | fields))


@pytest.mark.parametrize(
    ("store", "fields", "sentence"),
    [
        ({}, {}, ""),
        ({}, {"notification": "unconfirmed"}, ""),
        ({"is_active": False}, {"notification": "accepted"}, ""),
        ({"is_active": False}, {"notification": "refused"}, ""),
        (
            {"is_active": False, "connection": "refused"},
            {},
            "The notice waits because Main is switched off.",
        ),
        (
            {"connection": "refused"},
            {"next_attempt_at": NOW + timedelta(hours=1)},
            (
                "The notice waits because Tophatter refuses the access token of Main; "
                "replace the token."
            ),
        ),
        (
            {"timezone": "America/Los_Angeles"},
            {"next_attempt_at": NOW + timedelta(hours=1)},
            "The next attempt to send the notice is at 11/24/2026 5 a.m. PST.",
        ),
        (
            {"is_active": False},
            {"notification": "not_sent", "not_sent_because": "doubt"},
            "The notice waits for a last look.",
        ),
        (
            {},
            {"notification": "not_sent", "not_sent_because": "store"},
            "The notice waits for somebody to send it.",
        ),
        (
            {},
            {"notification": "not_sent", "not_sent_because": "choice"},
            "By choice, Tophatter is not told; “Send tracking” tells it after all.",
        ),
    ],
)
def test_what_a_notice_waits_for_is_said(store, fields, sentence):
    assert waits_for(shipped(store, **fields), NOW) == sentence


def test_a_notice_that_is_due_waits_for_a_worker():
    says = "The notice waits for the worker, which is not running"

    assert waits_for(shipped(), NOW, has_worker=False).startswith(says)
