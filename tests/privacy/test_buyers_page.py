"""The page and the command for a buyer who asks: found, handed out, erased."""

import io
import json
import time

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from backoffice.models import AuditEntry
from orders.models import Order
from stores import access
from tests.factories import OrderFactory
from tests.support.buyers import CODE, EMAIL, NAME
from tests.support.order_pages import staff, words

URL = reverse("admin:orders_order_buyers")
WHO = {"name": NAME, "postal_code": CODE}

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders() -> list[Order]:
    facts = {"ship_to_name": NAME, "ship_to_postal_code": CODE, "customer_name": NAME}
    states = ["shipped", "cancelled", "awaiting_shipment"]
    return [OrderFactory(marketplace_state=state, **facts) for state in states]


def erased() -> set[Order]:
    return set(Order.objects.filter(erased_at__isnull=False))


def text_of(answer) -> str:
    return words(answer.content.decode())


def test_the_page_shows_the_orders_and_which_are_open(admin_client, orders):
    text = text_of(admin_client.post(URL, WHO | {"step": "find"}))

    assert "3 orders of this buyer" in text
    assert all(str(order) in text for order in orders)
    assert text.count("Open: it needs its address to ship") == 1
    assert "Erase the buyer from 2 orders" in text
    assert not erased()


def test_nothing_is_erased_without_tick_or_with_another_number(admin_client, orders):
    unsure = admin_client.post(URL, WHO | {"step": "erase", "count": "2"})
    other = admin_client.post(
        URL, WHO | {"step": "erase", "count": "3", "is_sure": "on"}
    )

    assert "This field is required." in text_of(unsure)
    assert "Other orders of this buyer are here by now" in text_of(other)
    assert not erased()


def test_the_page_erases_and_the_audit_says_who_but_not_whom(admin_client, orders):
    answer = admin_client.post(
        URL, WHO | {"step": "erase", "count": "2", "is_sure": "on"}
    )

    assert "data of 2 orders is erased" in text_of(answer)
    assert erased() == set(orders[:2])
    entries = AuditEntry.objects.filter(kind="erased")
    assert {entry.user for entry in entries} == {"admin"}
    assert all(str(order) in str([one.text for one in entries]) for order in orders[:2])
    assert "Canary" not in str(list(AuditEntry.objects.values()))


def test_everything_is_handed_out_as_a_file(admin_client, orders):
    answer = admin_client.post(URL, WHO | {"step": "file"})

    facts = json.loads(answer.content)
    assert {one["marketplace_order_id"] for one in facts["orders"]} == {
        *map(str, orders)
    }
    assert facts["orders"][0]["ship_to_name"] == NAME
    assert answer["Content-Disposition"].startswith('attachment; filename="buyer-')
    assert AuditEntry.objects.get(kind="exported").text == "3 rows."


@pytest.mark.parametrize(
    "who", [{}, {"name": NAME}, {"email": EMAIL, **WHO}, {"email": "no address"}]
)
def test_half_a_buyer_is_none(admin_client, orders, who):
    text = text_of(admin_client.post(URL, who | {"step": "find"}))

    assert "orders of this buyer" not in text
    assert "Give either" in text or "valid email address" in text


def test_nobody_is_named_in_an_address_and_few_may_ask(client, admin_client, orders):
    named = admin_client.get(URL, WHO)
    odd = admin_client.post(URL, WHO | {"step": "other"})
    staff(client, "view_order", "change_store", "export_orders")

    assert "of this buyer" not in text_of(named)
    assert odd.status_code == 400
    assert client.get(URL).status_code == 403
    assert client.post(URL, WHO | {"step": "file"}).status_code == 403
    assert URL not in client.get(reverse("admin:index")).content.decode()
    assert URL in admin_client.get(reverse("admin:index")).content.decode()


def test_who_is_limited_to_a_store_answers_for_it_alone(client, orders):
    anna = staff(client, "erase_buyer", "view_order")
    client.get(URL)
    access.set_limit(anna, [orders[0].store])
    age = client.session
    age["password_at"] = time.time()
    age.save()

    text = text_of(client.post(URL, WHO | {"step": "find"}))

    assert "1 order of this buyer" in text
    assert str(orders[1]) not in text


def test_the_command_says_what_it_finds_and_erases_what_is_closed(orders, monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    who = {"name": NAME, "postal_code": CODE, "stdout": out, "stderr": err}

    with pytest.raises(CommandError, match="add --yes to erase"):
        call_command("erase_buyer", **who)
    unsure = erased()
    with pytest.raises(SystemExit) as ended:
        call_command("erase_buyer", yes=True, **who)

    assert unsure == set()
    assert erased() == set(orders[:2])
    assert ended.value.code == 1
    assert (
        f"Order {orders[2]} is open and needs its address; it stays." in err.getvalue()
    )
    assert "data of 2 orders is erased" in out.getvalue()


def test_the_command_writes_all_to_a_file_that_nobody_else_reads(orders, tmp_path):
    path = tmp_path / "buyer.json"

    call_command("erase_buyer", name=NAME, postal_code=CODE, file=path)

    assert len(json.loads(path.read_text())["orders"]) == 3
    assert path.stat().st_mode & 0o777 == 0o600
    assert not erased()
    assert AuditEntry.objects.get(kind="exported").about == "buyer.json"


@pytest.mark.parametrize("who", [{}, {"name": NAME}, {"email": EMAIL, **WHO}])
def test_the_command_takes_one_way_to_name_a_buyer(who):
    with pytest.raises(CommandError, match="Give either"):
        call_command("erase_buyer", **who)
