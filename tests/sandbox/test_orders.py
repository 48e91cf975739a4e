"""The practice marketplace ships and refunds by the rules of the real one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stores.sandbox.server import Sandbox
from tests.support.vendor import NUMBER, Answer, get, get_with_body, post

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS_OF_2017 = [
    "order_id",
    "status",
    "carrier",
    "tracking_number",
    "product_name",
    "product_identifier",
    "variation_identifier",
    "customer_name",
    "customer_id",
    "address1",
    "address2",
    "city",
    "state",
    "postal_code",
    "country",
    "available_refunds",
    "refund_amount",
    "disbursement_amount",
    "seller_fees_amount",
    "seller_fees",
    "paid_at",
    "created_at",
]


def test_an_unknown_order_is_said_to_be_unknown(tophatter):
    answer = get(tophatter, "orders/retrieve.json", order_id=404)

    assert answer.status == 404
    assert answer.message == "There is no order with the ID 404."


@pytest.mark.parametrize("order_id", ["", "one", "-1", "9" * 5000])
def test_an_order_is_retrieved_by_a_number_only(tophatter, order_id):
    answer = get_with_body(tophatter, "orders/retrieve.json", order_id=order_id)

    assert answer.status == 400
    assert "order_id" in answer.message


def test_an_order_of_2017_has_the_recorded_keys():
    with Sandbox(profile="2017") as tophatter:
        tophatter.add_order()
        ((order),) = get(tophatter, "orders.json").json

    assert list(order) == KEYS_OF_2017
    assert order["country"] == "United States"


def test_an_order_of_2021_has_the_later_keys_too(tophatter):
    tophatter.add_order()

    (order,) = get(tophatter, "orders.json").json

    assert len(order) == 33
    assert {"service_type", "product_quantity", "upsells", "annotation"} < set(order)
    assert {"updated_at", "refunded_at", "canceled_at"} < set(order)
    assert order["country"] == "USA"


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        ({"country_style": "alpha2"}, "country", "US"),
        ({"country_style": "name"}, "country", "United States"),
        ({"amounts": "string"}, "refund_amount", "0.0"),
        ({"amounts": "number"}, "refund_amount", 0.0),
        ({}, "created_at", "2026-11-22T04:00:00-08:00"),
        ({"offset": "-07:00"}, "created_at", "2026-11-22T05:00:00-07:00"),
        ({"offset": "none"}, "created_at", "2026-11-22T04:00:00"),
    ],
)
def test_what_is_not_known_of_the_real_one_is_a_switch(options, field, value):
    with Sandbox(**options) as tophatter:
        tophatter.add_order(created_at=NOON)
        (order,) = get(tophatter, "orders.json").json

    assert order[field] == value


def test_the_schema_needs_no_token(tophatter):
    answer = get_with_body(tophatter, "orders/schema.json", access_token="")

    assert answer.status == 200
    assert len(answer.json) == 22
    assert set(answer.json[0]) == {
        "field",
        "required",
        "readonly",
        "name",
        "description",
    }
    writable = [one["field"] for one in answer.json if not one["readonly"]]
    required = [one["field"] for one in answer.json if one["required"]]
    assert writable == ["carrier", "tracking_number"]
    assert required == ["order_id", "carrier", "tracking_number"]


@pytest.mark.parametrize("profile", ["2017", "2021"])
def test_a_shipped_order_changes_in_three_fields_only(profile):
    with Sandbox(profile=profile) as tophatter:
        before = dict(tophatter.add_order())
        answer = post(
            tophatter,
            "orders/fulfill.json",
            order_id=before["order_id"],
            carrier="USPS",
            tracking_number=NUMBER,
        )

    assert answer.status == 200
    assert answer.json == before | {
        "status": "shipped",
        "carrier": "usps",
        "tracking_number": NUMBER,
    }


@pytest.mark.parametrize(
    ("carrier", "identifier"),
    [
        ("USPS", "usps"),
        ("usps", "usps"),
        ("EUB", "china-post"),
        ("Lietuvos Paštas", "lietuvos-pastas"),
        ("other", "other"),
    ],
)
def test_a_carrier_goes_in_by_label_or_identifier(tophatter, carrier, identifier):
    order = tophatter.add_order()

    answer = post(
        tophatter,
        "orders/fulfill.json",
        order_id=order["order_id"],
        carrier=carrier,
        tracking_number=NUMBER,
    )

    assert answer.json["carrier"] == identifier


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"carrier": "Pigeon"}, "unknown carrier Pigeon."),
        ({"carrier": ""}, "carrier"),
        ({"tracking_number": ""}, "tracking_number"),
        ({"order_id": ""}, "order_id"),
        ({"note": "hello"}, "not recognized: note."),
    ],
)
def test_a_wrong_shipment_is_refused_and_nothing_changes(tophatter, parameters, words):
    order = tophatter.add_order()
    right = {
        "order_id": order["order_id"],
        "carrier": "USPS",
        "tracking_number": NUMBER,
    }

    answer = post(tophatter, "orders/fulfill.json", **(right | parameters))

    assert answer.status == 400
    assert words in answer.message
    assert order["status"] == "paid"
    assert not tophatter.fulfillments


@pytest.mark.parametrize(
    "status",
    [
        "shipped",
        "refunded",
        "processing_payment",
        "pending_verification",
        "pending_consolidation_decision",
    ],
)
def test_only_a_paid_order_is_shipped(tophatter, status):
    order = tophatter.add_order(status=status)

    answer = post(
        tophatter,
        "orders/fulfill.json",
        order_id=order["order_id"],
        carrier="USPS",
        tracking_number=NUMBER,
    )

    assert answer.status == 400
    assert status in answer.message
    assert order["tracking_number"] is None


def test_a_shipment_of_an_unknown_order_is_refused(tophatter):
    answer = post(
        tophatter,
        "orders/fulfill.json",
        order_id=404,
        carrier="USPS",
        tracking_number=NUMBER,
    )

    assert answer.status == 404


@pytest.mark.parametrize("service", ["last-mile", None])
def test_a_service_is_repeated_or_null(tophatter, service):
    order = tophatter.add_order()
    given = {"service_type": service} if service else {}

    answer = post(
        tophatter,
        "orders/fulfill.json",
        order_id=order["order_id"],
        carrier="USPS",
        tracking_number=NUMBER,
        **given,
    )

    assert answer.json["service_type"] == service


def refund(sandbox: Sandbox, order: dict[str, Any], **parameters: Any) -> Answer:
    given = {"type": "full", "reason": "out_of_stock"} | parameters
    return post(sandbox, "orders/refund.json", order_id=order["order_id"], **given)


def test_a_full_refund_takes_everything_back(tophatter):
    order = tophatter.add_order()

    answer = refund(tophatter, order)

    assert answer.json["status"] == "refunded"
    assert answer.json["available_refunds"] == {}
    assert answer.json["refund_amount"] == 14.0
    assert answer.json["refunded_at"]


def test_a_partial_refund_shows_its_amount_on_the_next_read(tophatter):
    order = tophatter.add_order()

    answer = refund(tophatter, order, **{"type": "partial", "fees[]": ["shipping_fee"]})
    later = get(tophatter, "orders/retrieve.json", order_id=order["order_id"])

    assert answer.json["status"] == "paid"
    assert answer.json["available_refunds"] == {"buyer_fee": 10.0}
    assert answer.json["refund_amount"] == 0.0
    assert later.json["refund_amount"] == 4.0


def test_refunds_add_up(tophatter):
    order = tophatter.add_order()
    refund(tophatter, order, **{"type": "partial", "fees[]": ["shipping_fee"]})
    get(tophatter, "orders.json")

    answer = refund(tophatter, order)

    assert answer.json["refund_amount"] == 14.0


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"type": "half"}, "half is not a valid type."),
        ({"type": ""}, "type"),
        ({"reason": "boredom"}, "boredom is not a valid reason."),
        ({"reason": ""}, "reason"),
        ({"type": "partial"}, "fees[]"),
        ({"type": "partial", "fees[]": ["tax"]}, "The fee tax cannot be refunded."),
        ({"explanation": "sorry"}, "not recognized: explanation."),
    ],
)
def test_a_wrong_refund_is_refused_and_nothing_changes(tophatter, parameters, words):
    order = tophatter.add_order()

    answer = refund(tophatter, order, **parameters)

    assert answer.status == 400
    assert words in answer.message
    assert order["status"] == "paid"
    assert set(order["available_refunds"]) == {"buyer_fee", "shipping_fee"}


def test_a_fee_named_twice_is_refunded_once(tophatter):
    order = tophatter.add_order()

    answer = refund(
        tophatter, order, **{"type": "partial", "fees[]": ["buyer_fee", "buyer_fee"]}
    )

    assert answer.json["available_refunds"] == {"shipping_fee": 4.0}


@pytest.mark.parametrize("status", ["pending_verification", "refunded"])
def test_an_order_on_hold_or_refunded_is_not_refunded(tophatter, status):
    order = tophatter.add_order(status=status)

    answer = refund(tophatter, order)

    assert answer.status == 400
    assert status in answer.message
    assert order["status"] == status


def test_an_annotation_is_kept_with_the_order(tophatter):
    order = tophatter.add_order()

    answer = post(
        tophatter,
        "orders/annotate.json",
        order_id=order["order_id"],
        annotation="PROCESSED",
    )

    assert answer.json["annotation"] == "PROCESSED"
    assert order["annotation"] == "PROCESSED"
