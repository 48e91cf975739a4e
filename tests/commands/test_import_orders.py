"""import_orders: what it imports, what it prints, how it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone as clock

from orders.models import ImportProblem, ImportRun, Order
from stores import leases
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.commands import lines, run

KEYS = [
    "store",
    "status",
    "window_start",
    "window_end",
    "pages",
    "seen",
    "created",
    "updated",
    "unchanged",
    "skipped",
    "rejected",
    "error",
]

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def test_all_active_stores_are_imported(store, tophatter, capsys):
    tophatter.add_order()
    second = StoreFactory(name="Second", access_token=tophatter.add_account())
    StoreFactory(name="Off", is_active=False)

    status = run("import_orders")

    said = capsys.readouterr().out
    assert status == 0
    assert f"{store}: 1 orders seen: 1 created, 0 updated" in said
    assert "Second: 0 orders seen" in said
    assert "Off" not in said
    runs = ImportRun.objects.values_list("store", "trigger", "kind")
    assert set(runs) == {
        (store.pk, "command", "refresh"),
        (second.pk, "command", "refresh"),
    }


def test_a_named_store_is_imported_also_when_it_is_off(store, tophatter, capsys):
    Store.objects.update(is_active=False)
    tophatter.add_order()

    status = run("import_orders", store.name)

    assert status == 0
    assert Order.objects.count() == 1


def test_without_a_store_there_is_nothing_to_import(capsys):
    status = run("import_orders")

    assert status == 0
    assert capsys.readouterr().out == "There is no active store to import from.\n"


def test_an_import_in_json_is_one_object_a_run_and_nothing_else(
    store, tophatter, capsys
):
    tophatter.add_order()
    StoreFactory(access_token=tophatter.add_account())

    status = run("import_orders", "--json")

    said = capsys.readouterr()
    first, second = lines(said.out)
    assert (status, said.err) == (0, "")
    assert list(first) == list(second) == KEYS
    assert (first["store"], first["status"], first["created"]) == (
        store.name,
        "complete",
        1,
    )
    window = [
        datetime.fromisoformat(first[f"window_{end}"]) for end in ("start", "end")
    ]
    assert window[1] - window[0] == timedelta(days=3)


def test_a_dry_run_counts_and_writes_nothing(store, tophatter, capsys):
    tophatter.add_order()
    tophatter.add_order(product_quantity="a dozen")
    before = Store.objects.values().get()

    status = run("import_orders", "--dry-run", "--json")

    facts = lines(capsys.readouterr().out)[0]
    assert status == 1
    assert (facts["seen"], facts["created"], facts["rejected"]) == (2, 1, 1)
    assert "product_quantity" in facts["error"]
    assert Store.objects.values().get() == before
    for model in (Order, ImportRun, ImportProblem):
        assert not model.objects.exists()


def test_days_are_cut_in_the_stores_zone(store, tophatter, capsys):
    Store.objects.update(timezone="America/Los_Angeles")

    status = run(
        "import_orders", "--from", "2026-11-01", "--to", "2026-11-02", "--json"
    )

    facts = lines(capsys.readouterr().out)[0]
    assert status == 0
    assert facts["window_start"] == "2026-11-01T00:00:00-07:00"
    assert facts["window_end"] == "2026-11-03T00:00:00-08:00"


def test_a_first_day_alone_goes_on_until_now(store, tophatter, capsys):
    tophatter.add_order(created_at=days_ago(20))
    tophatter.add_order(created_at=days_ago(40))

    status = run("import_orders", "--from", str(days_ago(30).date()), "--json")

    facts = lines(capsys.readouterr().out)[0]
    assert status == 0
    assert facts["created"] == 1
    assert clock.now() - datetime.fromisoformat(facts["window_end"]) < timedelta(
        minutes=1
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--from", "yesterday"], "“yesterday” is not a date;"),
        (["--from", "2026-13-45"], "“2026-13-45” is not a date;"),
        (["--from", "2026-11-01", "--to", "soon"], "“soon” is not a date;"),
        (["--from", "2026-11-01", "--to", "9999-12-31"], "is not a date;"),
        (["--from", "2026-11-02", "--to", "2026-10-30"], "lies before the first."),
        (["--to", "2026-11-02"], "Give the first day too, with --from."),
        (["--order", "1", "--from", "2026-11-01"], "either days or order numbers."),
        (["Nowhere"], "There is no store “Nowhere”; the stores are: Store"),
    ],
)
def test_a_senseless_import_is_wrong_usage(store, tophatter, arguments, reason, capsys):
    status = run("import_orders", *arguments)

    assert status == 2
    assert reason in capsys.readouterr().err
    assert not tophatter.requests
    assert not ImportRun.objects.exists()


def test_orders_are_imported_by_their_numbers(store, tophatter, capsys):
    ids = [
        str(tophatter.add_order(created_at=days_ago(99))["order_id"]) for _ in range(3)
    ]

    status = run("import_orders", "--json", "--order", *ids[:2], "--order", ids[2])

    facts = lines(capsys.readouterr().out)[0]
    assert status == 0
    assert (facts["seen"], facts["created"]) == (3, 3)
    assert (facts["window_start"], facts["window_end"]) == (None, None)


def test_an_order_that_is_unknown_is_said(store, capsys):
    status = run("import_orders", "--order", "404")

    assert status == 1
    assert "Tophatter knows no order 404 under this token" in capsys.readouterr().err


def test_an_order_that_is_unknown_shows_in_json(store, capsys):
    status = run("import_orders", "--order", "404", "--json")

    facts = lines(capsys.readouterr().out)[0]
    assert status == 1
    assert list(facts) == KEYS
    assert (facts["seen"], facts["rejected"]) == (1, 1)


@pytest.mark.parametrize("is_by_number", [True, False])
def test_an_order_that_is_rejected_is_said_alike_by_number_and_by_days(
    store, tophatter, is_by_number, capsys
):
    number = str(tophatter.add_order(product_quantity="a dozen")["order_id"])
    chosen = ["--order", number] if is_by_number else []

    in_words = run("import_orders", *chosen), capsys.readouterr().err
    in_json = run("import_orders", "--json", *chosen), capsys.readouterr().out

    why = f"Order {number} cannot be read, its field product_quantity is 'a dozen'."
    assert in_words == (1, f"{store}: {why}\n")
    (facts,) = lines(in_json[1])
    assert (in_json[0], facts["status"], facts["rejected"]) == (1, "complete", 1)
    assert facts["error"] == ImportRun.objects.latest("pk").error == why


def test_an_order_that_cannot_be_read_does_not_stop_those_named_after_it(
    store, tophatter, capsys
):
    numbers = [str(tophatter.add_order()["order_id"]) for _ in range(2)]
    tophatter.fault("422", on="orders/retrieve", message="Not now.")

    status = run("import_orders", "--order", numbers[0], "--order", numbers[1])

    said = capsys.readouterr()
    assert status == 1
    assert f"Order {numbers[0]} could not be read: Tophatter refused" in said.err
    assert "1 orders seen: 1 created" in said.out
    assert Order.objects.get().marketplace_order_id == numbers[1]


def test_of_many_rejected_orders_some_are_named_and_the_others_counted(
    store, tophatter, capsys
):
    for _ in range(8):
        tophatter.add_order(product_quantity=0)

    status = run("import_orders", "--json")

    (facts,) = lines(capsys.readouterr().out)
    assert (status, facts["rejected"]) == (1, 8)
    assert facts["error"].count("product_quantity") == 5
    assert facts["error"].endswith("And 3 more; the import problems say why.")


@pytest.mark.parametrize("status_word", ["paid", "shipped"])
@pytest.mark.parametrize("is_by_number", [True, False])
def test_an_order_that_waits_for_its_address_is_no_failure(
    store, tophatter, is_by_number, status_word, capsys
):
    blank = dict.fromkeys(["address1", "address2", "city", "state", "postal_code"])
    number = str(tophatter.add_order(**blank, status=status_word)["order_id"])
    chosen = ["--order", number] if is_by_number else []

    status = run("import_orders", *chosen)

    said = capsys.readouterr()
    assert status == 0
    assert "1 skipped" in said.out
    assert (f"Order {number} has no ship-to address" in said.err) == is_by_number


def test_a_list_in_which_nothing_is_an_order_is_no_import(store, tophatter, capsys):
    tophatter.fault("body", on="orders", text='[1, "x", null]')

    status = run("import_orders", "--json")

    (facts,) = lines(capsys.readouterr().out)
    assert (status, facts["status"], facts["rejected"]) == (1, "failed", 0)
    assert "nothing is an order" in facts["error"]


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_marketplace_that_does_not_answer_is_said_in_a_sentence(
    store, tophatter, dry, capsys
):
    tophatter.fault("503", times=None)

    status = run("import_orders", *dry)

    said = capsys.readouterr()
    assert (status, said.out) == (1, "")
    assert said.err.startswith(f"{store}: Tophatter has a problem (503)")
    assert len(said.err.splitlines()) == 1


def test_a_store_that_fails_does_not_stop_the_others(store, tophatter, capsys):
    StoreFactory(name="A refused one")
    tophatter.add_order()

    status = run("import_orders", "--json")

    refused, complete = lines(capsys.readouterr().out)
    assert status == 1
    assert (refused["status"], complete["status"]) == ("failed", "complete")
    assert "refused the access token" in refused["error"]
    assert complete["created"] == 1


def test_a_store_that_is_being_imported_says_so(store, capsys):
    leases.acquire(store)

    status = run("import_orders", "--json")

    (facts,) = lines(capsys.readouterr().out)
    assert status == 1
    assert facts["status"] == "failed"
    assert facts["error"] == (
        f"Another task is already running for {store}; try again in a minute."
    )
