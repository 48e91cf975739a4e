"""What is no tracking number is neither recorded nor sent, but for a reason."""

import pytest

from orders import shipping
from orders.models import OrderEvent, Shipment
from orders.shipping.refusals import ReasonNeeded, reason_against_number
from stores.marketplaces.tophatter.carriers import CARRIERS
from tests.factories import OrderFactory, StoreFactory

DAMAGED = "without all its digits"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        *(
            (typed, DAMAGED)
            for typed in ("9.40011E+21", "9,40011e21", "９．４Ｅ＋２１")
        ),
        *((typed, DAMAGED) for typed in ("9400111899562170000000", "123.0")),
        ("9400 1118 9956 2170 0000 00", DAMAGED),
        ("9400-1118-9956-2170-0000-00", DAMAGED),
        *((typed, "error of the spreadsheet") for typed in ("#N/A", "#REF!", "#NV")),
        *(
            (typed, "error of the spreadsheet")
            for typed in ("#DIV/0!", "#¡DIV/0!", "# VALEUR !")
        ),
        *((typed, "error of the spreadsheet") for typed in ("#####", "Err:502")),
        ("jane@example.com", "e-mail address"),
        ("https://tools.example.com/track?n=9400111899562173406594", "web address"),
        ("www.example.com/9400111899562173406594", "web address"),
        ("example.fr/suivi/9400111899562173406594", "web address"),
        *((typed, "web address") for typed in ("17track.net", "17track.net#nums=LX1")),
        ("//t.17track.net/en#nums=LX123456785CN", "web address"),
        *((typed, "is a day") for typed in ("2026-11-24", "24/11/2026", "24.11.2026")),
        *((typed, "is a day") for typed in ("2026-11-24 08:30:00", "24-Nov-2026")),
        *((typed, "is a day") for typed in ("Nov 24, 2026", "24 novembre 2026")),
        *(
            (typed, "is a day")
            for typed in ("24/11/26", "24.11.26", "20261124T083000Z")
        ),
        *((typed, "is a day") for typed in ("08:30:15", "24/11/2026 08:30")),
        *((typed, "no carrier prints") for typed in ("ЕJ123456785JР", "заказ12345678")),
        *((typed, "no carrier prints") for typed in ("待定12345678", "№ 12345678 ➜")),
        ("Tracking: 9400111899562173406594", "not a tracking"),
        ("USPS:9400111899562173406594", "not a tracking"),
        ("RB123456785CN RB123456794CN", "more than one number"),
        ("9400111899562173406594, 9400111899562173406600", "more than one number"),
        *(
            (f"LX123456803CN{mark}LX123456817CN", "more than one number")
            for mark in ";；,，、､。｡،؛・/／|｜\\:：\n\u3000\u2028+＋&＆•·_-–.…"
        ),
        *((typed, "not a tracking") for typed in ("n/a", "N.A.", "none", "tbd", "-")),
        ("1 Example Street, Los Altos CA 94022", "not a tracking"),
        *((typed, "not a tracking") for typed in ("--", "—", "0", "000000", "0-0-0")),
        *((typed, "not a tracking") for typed in ("test", "Test 123", "xxx000", "nan")),
        *((typed, "not a tracking") for typed in ("see notes", "à venir", "aucun")),
        *((typed, "not a tracking") for typed in ("See note 5", "pickup12", "7", "A1")),
        *((typed, "not a tracking") for typed in ("12345", "1-23/45", "box 3/4")),
    ],
)
def test_what_is_no_number_is_told_as_what_it_is(typed, reason):
    assert reason in reason_against_number(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "9400111899562173406594",
        "9400 1118 9956 2173 4065 94",
        "420940229400111899562173406594",
        "420 94022 9400 1118 9956 2173 4065 94",
        "420940221234 9400111899562173406594",
        "420940221234，9400111899562173406594",
        "94001118995\u200b62173406594",
        "94001118995\u00ad62173406594",
        "ＬＸ１２３４５６８０３ＣＮ",
        "٩٤٠٠١١١٨٩٩٥٦٢١٧٣٤٠٦٥٩٤",
        "LX12345\ufe0f6803CN\U000e0100",
        "JAN1234567890",
        "12DEC2026A",
        "12-34-56",
        "92023999991043543415313958",
        "RB 123 456 785 CN",
        "RB.123.456.785.CN",
        "1Z 999 AA1 01 2345 6784",
        "99.60.012345.12345678",
        "1234-5678-9012",
        "JD 014 600 003 456 789 012",
        "1E1234567890",
        "TESCO12345678",
        "YT2400011112222333",
        "123456",
        "C12345",
        "123456789",
        "LX12345678",
        "YD1A2B3C4D5E",
    ],
)
def test_a_number_is_taken_however_it_is_grouped(typed):
    assert reason_against_number(typed) is None


@pytest.mark.django_db
@pytest.mark.parametrize("carrier", ["USPS", "Yanwen"])
def test_what_is_no_number_is_not_recorded(carrier):
    order = OrderFactory()

    for typed in ("9.40011E+21", "9400111899562170000000", "n/a", "#N/A"):
        with pytest.raises(ReasonNeeded):
            shipping.ship_order(order, carrier=carrier, tracking_number=typed)

    assert not Shipment.objects.exists()
    assert not OrderEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    [
        *("{0}{1}", "#{0}{1}", " {0}{1}", "{0}{1}.", "0{0}{1}", "000{0}{1}"),
        *("{0}-{1}", "{0}.{1}", "{0} {1}", "{0},{1}", "{0}’{1}", "0{0}-{1}."),
        *("Order {0}{1}", "order no. {0}{1}", "n° {0}{1}", "№ {0}{1}", "订单{0}{1}"),
        *("commande {0}{1}", "{0}{1} (order)", "TH-{0}{1}", "ORDER-0{0}-{1}"),
    ],
)
def test_an_order_number_of_the_store_is_no_tracking_number(written):
    order, other = OrderFactory.create_batch(2, store=StoreFactory())
    elsewhere = OrderFactory(store=StoreFactory(name="Elsewhere"))
    typed, of_other = (
        written.format(str(one)[:3], str(one)[3:]) for one in (order, other)
    )

    for number in (typed, of_other):
        with pytest.raises(ReasonNeeded, match="is the number of an order of"):
            shipping.ship_order(order, carrier="UPS", tracking_number=number)

    shipping.ship_order(order, carrier="UPS", tracking_number=str(elsewhere))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    [
        *("RB{}CN", "RB {} CN", "{}12345", "1Z{}", "9 {}"),
        *("SOAK{}", "{}DE", "TH{}-1"),
    ],
)
def test_a_number_with_the_digits_of_an_order_in_it_is_a_parcels(written):
    order = OrderFactory()

    shipping.ship_order(order, carrier="UPS", tracking_number=written.format(order))

    assert Shipment.objects.exists()


@pytest.mark.django_db
def test_a_shipment_is_not_corrected_to_what_is_no_number():
    order = OrderFactory()
    shipment = shipping.ship_order(order, carrier="USPS", tracking_number="TYPO12345")

    for typed in ("9.40011E+21", "n/a", str(order)):
        with pytest.raises(ReasonNeeded):
            shipping.correct_shipment(shipment, "USPS", typed)

    shipping.correct_shipment(shipment, "USPS", "n/a", despite="The label says so.")
    assert Shipment.objects.get().tracking_number == "n/a"
    assert OrderEvent.objects.get(kind="overridden").text.endswith(
        "Reason: The label says so."
    )


@pytest.mark.django_db
def test_what_is_meant_all_the_same_goes_with_a_reason_that_the_history_keeps():
    order = OrderFactory()

    shipment, doubts = shipping.ship_unless_in_doubt(
        order,
        carrier="Canada Post",
        tracking_number="1234567890123450",
        despite=" It ends in zero. ",
    )

    assert (shipment.notification, doubts) == ("pending", [])
    event = OrderEvent.objects.get(kind="overridden")
    assert event.text.startswith("“1234567890123450” is a number without")
    assert event.text.endswith("Reason: It ends in zero.")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "\u200b", "12\ue00034", "1" * 101])
def test_what_cannot_be_stored_or_seen_goes_for_no_reason(typed):
    with pytest.raises(shipping.NotAllowed) as refused:
        shipping.ship_order(
            OrderFactory(), carrier="USPS", tracking_number=typed, despite="I mean it."
        )

    assert not isinstance(refused.value, ReasonNeeded)
    assert not Shipment.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("carrier", "typed", "stored"),
    [
        ("USPS", "9400 1118 9956 2173 4065 94", "9400111899562173406594"),
        ("usps", "9400-1118-9956-2173-4065-94", "9400111899562173406594"),
        ("China Post", "RB\u00a0123\u2009456\u3000785 CN", "RB123456785CN"),
        ("Japan Post", "1234-5678-9012", "123456789012"),
        ("Japan Post", "1234–5678–9012", "123456789012"),
        ("Yanwen", "AB-1234.5", "AB-1234.5"),
        ("USPS", "12-34-56", "12-34-56"),
        ("Yanwen", "UG\ufe0f12345\u034f67٨", "UG12345678"),
    ],
)
def test_the_tidied_number_is_stored(carrier, typed, stored):
    assert carrier.casefold() in {label.casefold() for label in CARRIERS}

    shipping.ship_order(OrderFactory(), carrier=carrier, tracking_number=typed)

    assert Shipment.objects.get().tracking_number == stored
