"""The command that says where an order is."""

import json

import pytest
from django.core.management import call_command

from tests.factories import OrderFactory
from tests.support.commands import lines, run

pytestmark = pytest.mark.django_db


def test_an_order_here_ends_with_0(capsys):
    order = OrderFactory()

    status = run("find_order", f"#{order}")

    assert status == 0
    assert capsys.readouterr().out == (
        f"Order {order} of {order.store} is here, paid and waiting to be shipped.\n"
    )


def test_an_order_elsewhere_ends_with_1(store, tophatter, capsys):
    raw = tophatter.add_order()

    status = run("find_order", str(raw["order_id"]))

    assert status == 1
    assert "no import of the store has been complete yet" in capsys.readouterr().out


def test_a_senseless_number_is_wrong_usage(capsys):
    status = run("find_order", "<b>")

    assert status == 2
    assert "“<b>” is not an order number" in capsys.readouterr().err


def test_no_live_asks_no_marketplace(store, tophatter, capsys):
    status = run("find_order", "5", "--no-live")

    assert status == 1
    assert "the stores were not asked" in capsys.readouterr().out
    assert not tophatter.requests


def test_json_is_one_object_a_finding(capsys):
    for name in ("Alpha", "Beta"):
        OrderFactory(marketplace_order_id="5", store__name=name)

    status = run("find_order", "5", "--json")

    found = lines(capsys.readouterr().out)
    assert status == 0
    assert [one["store"] for one in found] == ["Alpha", "Beta"]
    assert {one["status"] for one in found} == {"awaiting_shipment"}
    assert {(one["order"], one["is_here"], one["step"]) for one in found} == {
        ("5", True, "open")
    }


def test_json_of_an_order_elsewhere_names_its_store_and_step(store, tophatter, capsys):
    raw = tophatter.add_order()

    run("find_order", str(raw["order_id"]), "--json")

    found = json.loads(capsys.readouterr().out)
    assert (found["store"], found["is_here"], found["status"]) == (
        store.name,
        False,
        None,
    )
    assert found["step"] == "import"


def test_the_help_has_an_example(capsys):
    with pytest.raises(SystemExit):
        call_command("find_order", "--help")

    assert "manage.py find_order 59010920" in " ".join(capsys.readouterr().out.split())
