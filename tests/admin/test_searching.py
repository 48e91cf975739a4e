"""The boxes above the lists find what people write, type and scan."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing, shipping
from orders.finding import searching
from orders.importing import windows
from orders.models import SHIP_TO, ImportProblem, ImportRun, Order
from orders.shipping import addresses
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db

USPS = "9400111899562173406594"
ANOTHER = "9405511899560441337815"


def found(client, model: str, typed: str) -> list[str]:
    """Return the rows that the list shows for what was typed."""
    address = reverse(f"admin:orders_{model}_changelist")
    answer = client.get(address, {"q": typed})
    return [str(row) for row in answer.context["cl"].result_list]


def import_all(store) -> None:
    importing.execute(windows.plan_refresh(store, ImportRun.Trigger.MANUAL))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Liam O’Brien", "O'Brien"),
        ("Liam O'Brien", "o’brien liam"),
        ("José Álvarez", "Alvarez"),
        ("Jürgen Müller", "Muller"),
        ("Jürgen Müller", "MÜLLER"),
        ("Łukasz Żak", "lukasz"),
        ("ИВАН Петров", "иван"),
        ("Jean-Pierre Dupont", "jean pierre"),
        ("Ana de la Cruz", '"de la cruz"'),
        ("田中　太郎", "田中太郎"),
    ],
)
def test_an_order_is_found_by_its_buyer_however_written(
    admin_client, store, tophatter, name, typed
):
    wanted = tophatter.add_order(customer_name=name)
    tophatter.add_order(customer_name="Somebody Else")
    import_all(store)

    assert found(admin_client, "order", typed) == [str(wanted["order_id"])]


@pytest.mark.parametrize(
    "typed",
    ["#{}", " # {} ", "\u200b{}\u00a0", '"{}"', "№ {}", "№{}", "n° {}", "No. {}"],
)
def test_an_order_is_found_by_its_number_however_pasted(
    admin_client, store, tophatter, typed
):
    wanted, _other = tophatter.add_order(), tophatter.add_order()
    import_all(store)

    shown = found(admin_client, "order", typed.format(wanted["order_id"]))

    assert shown == [str(wanted["order_id"])]


@pytest.mark.parametrize(
    "typed",
    [
        "420940229400111899562173406594",
        f"420940221234{USPS}",
        f"(420) 94022 {USPS}",
        "9400 1118 9956 2173 4065 94",
        "9400-1118-9956-2173-4065-94",
        "#9400111899562173406594",
        "40659",
    ],
)
@pytest.mark.parametrize("stored", [USPS, f"42094022{USPS}"])
def test_a_parcel_is_found_by_its_number_however_scanned(admin_client, stored, typed):
    order, other = OrderFactory(), OrderFactory()
    shipping.ship_order(order, carrier="USPS", tracking_number=stored)
    shipping.ship_order(other, carrier="USPS", tracking_number=ANOTHER)

    assert found(admin_client, "order", typed) == [str(order)]
    assert found(admin_client, "shipment", typed) == [f"USPS {stored}"]


def test_a_number_of_26_digits_is_told_from_its_zip_code(admin_client):
    order = OrderFactory()
    number = "92023999991043543415313958"
    shipping.ship_order(order, carrier="USPS", tracking_number=number)

    for typed in (f"42094022{number}", f"420940221234{number}", number):
        assert found(admin_client, "order", typed) == [str(order)]


def test_a_corrected_number_takes_the_place_of_the_wrong_one(admin_client):
    order = OrderFactory()
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=ANOTHER, send=False
    )

    shipping.correct_shipment(shipment, "USPS", USPS)

    assert found(admin_client, "order", USPS) == [str(order)]
    assert found(admin_client, "order", ANOTHER) == []


def test_the_corrected_name_is_found_as_long_as_it_counts(admin_client, store):
    order = OrderFactory(store=store)
    address = {name: getattr(order, name) for name in SHIP_TO}
    corrected = address | {"ship_to_name": "Zoë Ångström"}

    addresses.correct_address(order, corrected, by=None, seen=None)
    with_it = found(admin_client, "order", "angstrom zoe")
    addresses.revert_address(order, by=None)

    assert with_it == [str(order)]
    assert found(admin_client, "order", "angstrom zoe") == []


def test_what_staff_added_is_still_found_after_the_order_came_in_again(
    admin_client, store, tophatter
):
    raw = tophatter.add_order(customer_name="Ada Lovelace")
    import_all(store)
    order = Order.objects.get()
    address = {name: getattr(order, name) for name in SHIP_TO}
    corrected = address | {"ship_to_name": "Zoë Ångström"}
    addresses.correct_address(order, corrected, by=None, seen=None)
    shipping.ship_order(order, carrier="USPS", tracking_number=USPS, send=False)

    raw["customer_name"] = "Ada King"
    import_all(store)

    for typed in ("king", "angstrom", USPS):
        assert found(admin_client, "order", typed) == [str(order)]
    assert found(admin_client, "order", "lovelace") == []


@pytest.mark.parametrize("typed", ["#120000001", " 120 000 001", "１２０００００01"])
def test_a_problem_is_found_by_its_number_however_pasted(admin_client, store, typed):
    for number in ("120000001", "130000001"):
        ImportProblem.objects.create(
            store=store,
            marketplace_order_id=number,
            kind=ImportProblem.Kind.UNREADABLE,
            first_seen_at=clock.now(),
            last_seen_at=clock.now(),
        )

    [shown] = found(admin_client, "importproblem", typed)

    assert shown == str(ImportProblem.objects.get(marketplace_order_id="120000001"))


def test_every_word_must_be_found(admin_client, store, tophatter):
    wanted = tophatter.add_order(customer_name="Ada Álvarez", product_name="Red mug")
    tophatter.add_order(customer_name="Ada Álvarez", product_name="Blue mug")
    import_all(store)

    assert found(admin_client, "order", "mug alvarez") != []
    assert found(admin_client, "order", "alvarez RED") == [str(wanted["order_id"])]
    assert found(admin_client, "order", "alvarez green") == []


@pytest.mark.parametrize("typed", ["#", "=", "%", "_", "--", "’"])
def test_signs_alone_find_nothing(admin_client, typed):
    order = OrderFactory()
    shipping.ship_order(order, carrier="USPS", tracking_number=USPS)

    assert found(admin_client, "order", typed) == []
    assert found(admin_client, "shipment", typed) == []


def test_a_whole_page_pasted_into_the_box_finds_nothing_and_breaks_nothing(
    admin_client,
):
    OrderFactory()

    assert found(admin_client, "order", " ".join(map(str, range(2000))) + " a") == []


def test_a_list_says_where_it_looked_for_words_of_two_letters(
    admin_client, monkeypatch
):
    monkeypatch.setattr(searching, "NEWEST", 2)
    old, *_newer = (OrderFactory(customer_name="Xu") for _ in range(3))
    Order.objects.filter(pk=old.pk).update(ordered_at=clock.now() - timedelta(days=1))

    def page(typed: str) -> str:
        address = reverse("admin:orders_order_changelist")
        return admin_client.get(address, {"q": typed}).content.decode()

    short, longer = page("xu"), page("xu altos")

    assert short.count("are looked for in the newest 2 orders") == 1
    assert str(old) not in short
    assert "are looked for" not in longer
    assert str(old) in longer
