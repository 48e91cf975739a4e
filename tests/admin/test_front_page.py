"""The front page: numbers that keep their word, stores, charts, first steps, alarms."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.formats import date_format

from backoffice.health import beat
from backoffice.models import Heartbeat
from backoffice.site import charts
from backoffice.site.dashboard import TILES, Tile
from orders.importing.due import next_import_at
from orders.models import Correction, ImportProblem, ImportRun, Order, Shipment
from orders.work import counting
from orders.work.about import about
from orders.work.order_lists import LISTS
from tests.factories import OrderFactory, StoreFactory
from tests.support.counting import days_ago
from tests.support.order_pages import SUBMITTED, page, staff, words
from tests.support.work_causes import reopened_order, unsent_mail, untold_shipment

FRONT = reverse("admin:index")
NOTICES = Shipment.Notification


def parcel(order: Order, notification: str = "accepted", **fields) -> Shipment:
    defaults = {
        "carrier": "USPS",
        "tracking_number": f"94001{order.pk}",
        "shipped_at": clock.now(),
        "notification": notification,
        "not_sent_because": "doubt" if notification == NOTICES.NOT_SENT else "",
    }
    Order.objects.filter(pk=order.pk).update(has_shipment=True)
    return Shipment.objects.create(order=order, **(defaults | fields))


def one_of_each(store) -> None:
    """Orders, shipments and problems for every tile, and some for none."""
    to_ship = [OrderFactory(store=store, ordered_at=days_ago(n)) for n in (1, 2, 8, 9)]
    now = clock.now()
    day = timedelta(days=1)
    midnight = store.start_of(now.astimezone(store.zone).date() + day)
    OrderFactory(store=store, paid_at=midnight - 5 * day - timedelta(seconds=1))
    OrderFactory(store=store, held_at=now)
    OrderFactory(store=store, marketplace_state="needs_review")
    OrderFactory(store=store, marketplace_state="awaiting_payment", paid_at=None)
    yesterday = {"made_at": now - day, "decided_at": now - day}
    Correction.objects.create(order=to_ship[0], **yesterday)
    Order.objects.filter(pk=to_ship[0].pk).update(ship_to_changed_at=now)
    for notice in [*NOTICES, NOTICES.PENDING, NOTICES.REFUSED]:
        parcel(OrderFactory(store=store), notice)
    reopened_order()
    unsent_mail()
    untold_shipment()
    for number, resolved_at in [("1", None), ("2", None), ("3", now)]:
        ImportProblem.objects.create(
            store=store,
            marketplace_order_id=number,
            kind=ImportProblem.Kind.UNREADABLE,
            message="Unreadable.",
            payload={},
            first_seen_at=now,
            last_seen_at=now,
            resolved_at=resolved_at,
        )


def step_of(store) -> str:
    return reverse("admin:stores_store_import_orders", args=[store.pk])


def counted(tile: Tile) -> set[int]:
    """Return the rows that the tile's number is about, by what it names."""
    now, found = clock.now(), set()
    for name in tile.counts:
        if name == counting.UNSENT:
            rows = Shipment.objects.unsent().values_list("pk", flat=True)
        elif name in tile.filters.values() and name in LISTS:
            orders = LISTS[name].select(Order.objects.all(), now)
            rows = orders.values_list("pk", flat=True)
        else:
            kept = about(tile.model, [name], now)
            rows = (key for row in kept for key in row.values())
        found |= set(rows)
    return found


def drawn(client) -> list[charts.Chart]:
    return client.get(FRONT).context["charts"]


@pytest.mark.slow
def test_each_number_is_that_of_the_list_it_leads_to(admin_client, store):
    one_of_each(store)

    shown = admin_client.get(FRONT).context["tiles"]

    assert [tile for tile, count in shown] == TILES
    for tile, count in shown:
        answer = admin_client.get(tile.url)
        assert answer.status_code == 200, tile.url
        assert answer.context["cl"].result_count == count > 0, tile.title
        listed = {row.pk for row in answer.context["cl"].result_list}
        assert listed == counted(tile), tile.title


def test_unsent_tracking_is_what_waits_and_what_is_not_confirmed(admin_client, store):
    for notice in NOTICES:
        parcel(OrderFactory(store=store), notice)

    tile = next(tile for tile in TILES if "notification__in" in tile.filters)
    answer = admin_client.get(tile.url)

    listed = {row.notification for row in answer.context["cl"].result_list}
    assert listed == {"pending", "unconfirmed"}


def test_numbers_are_shown_to_those_who_may_see_the_rows(client, store):
    staff(client, "view_shipment")

    answer = client.get(FRONT)

    assert {tile.model for tile, count in answer.context["tiles"]} == {Shipment}
    assert "stores" not in answer.context
    assert "charts" not in answer.context


def test_a_store_shows_its_imports_with_their_zone(admin_client, store, settings):
    beat()
    settings.TIME_ZONE = "America/Los_Angeles"
    store.last_import_at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    store.last_import_attempt_at = clock.now()
    store.save()

    answer = admin_client.get(FRONT)

    text = words(answer.text)
    assert "Last complete import: 01/01/2026 7:04 p.m. PST" in text
    due_at = clock.localtime(next_import_at(store, clock.now()))
    assert f"Next import: {date_format(due_at, 'SHORT_DATETIME_FORMAT')} " in text


def test_no_next_import_is_promised_while_no_worker_runs(admin_client, store):
    assert "Next import: once the worker runs" in admin_client.get(FRONT).text

    beat()

    assert "Next import: due now" in admin_client.get(FRONT).text


def test_import_now_starts_a_run_and_opens_its_page(client, store):
    user = staff(client, "view_store", "import_now", "view_importrun")
    address = step_of(store)
    assert f'action="{address}"' in client.get(FRONT).text

    answer = client.post(address, SUBMITTED)

    run = ImportRun.objects.get()
    assert (run.store, run.trigger, run.kind) == (store, "manual", "refresh")
    assert answer.url == page(run)
    user.user_permissions.remove(*user.user_permissions.filter(codename="import_now"))
    assert address not in client.get(FRONT).text
    assert client.post(address, SUBMITTED).status_code == 403


def test_a_store_without_a_token_offers_no_import(admin_client, store):
    store.token_ciphertext = ""
    store.save()

    assert "Import now" not in admin_client.get(FRONT).text


def test_nothing_is_drawn_while_there_is_nothing_to_draw(admin_client, store):
    OrderFactory(store=store, ordered_at=days_ago(31))

    answer = admin_client.get(FRONT)

    assert answer.context["charts"] == []
    assert "<canvas" not in answer.text


def test_the_chart_counts_orders_and_shipments_of_each_day(admin_client, store):
    first, second = (OrderFactory(store=store, ordered_at=days_ago(3)) for _ in "12")
    OrderFactory(store=store, ordered_at=days_ago(1))
    OrderFactory(store=store, ordered_at=days_ago(31))
    parcel(first, shipped_at=days_ago(2))
    parcel(second, shipped_at=days_ago(1))

    chart = drawn(admin_client)[0]

    assert len(chart.days) == 30
    assert chart.days[-1] == clock.localdate()
    assert chart.series[0].values[-5:] == [0, 2, 0, 1, 0]
    assert chart.series[1].values[-5:] == [0, 0, 1, 1, 0]
    assert sum(chart.series[0].values) == 3
    assert chart.rows[1] == (chart.days[-2], [1, 1])


def test_the_days_of_the_chart_are_cut_in_the_zone_of_each_store(store):
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    night = datetime(2026, 3, 10, 3, tzinfo=UTC)
    west = StoreFactory(timezone="America/Los_Angeles")
    for where in (store, west, west):
        paid_at = night - timedelta(hours=4)
        order = OrderFactory(store=where, ordered_at=night, paid_at=paid_at)
        parcel(order, shipped_at=night)

    counts, hours = charts.drawn(now)

    assert counts.series[0].values[-2:] == [2, 1]
    assert counts.series[1].values[-2:] == [2, 1]
    assert hours.series[0].values[-2:] == [4.0, 4.0]


def test_the_chart_ends_on_the_day_that_has_begun_somewhere(store):
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    east = StoreFactory(timezone="Pacific/Auckland")
    OrderFactory(store=east, ordered_at=now)
    OrderFactory(store=store, ordered_at=now)

    chart = charts.drawn(now)[0]

    assert chart.days[-1] == date(2026, 3, 11)
    assert chart.series[0].values[-2:] == [1, 1]


def test_the_time_from_paid_to_shipped_is_averaged_by_day(store):
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    noon = now - timedelta(days=2)
    for hours in (10, 25):
        paid_at = noon - timedelta(hours=hours)
        parcel(OrderFactory(store=store, paid_at=paid_at), shipped_at=noon)
    # The day was typed afterwards: its noon is before the payment.
    late = OrderFactory(store=store, paid_at=now)
    parcel(late, shipped_at=now - timedelta(hours=1))

    chart = charts.drawn(now)[1]

    assert chart.series[0].values[-3:] == [17.5, None, None]


def test_what_is_drawn_is_also_a_table(admin_client, store):
    OrderFactory(store=store)

    answer = admin_client.get(FRONT)

    assert answer.text.count("<canvas") == 1
    assert "<details" in answer.text
    today = date_format(clock.localdate(), "SHORT_DATE_FORMAT")
    assert f'scope="row">{today}</th>' in answer.text
    data = json.loads(answer.context["charts"][0].data)
    assert data["datasets"][0]["data"][-1] == 1


def test_an_empty_back_office_leads_to_the_first_store(admin_client, db):
    beat()

    answer = admin_client.get(FRONT)

    assert "https://tophatter.com/seller/api_keys" in answer.text
    assert f'href="{reverse("admin:stores_store_add")}"' in answer.text
    assert "The worker is running" in answer.text
    assert "tiles" not in answer.context
    assert "<canvas" not in answer.text


def test_the_first_steps_say_that_no_worker_runs(admin_client, db):
    answer = admin_client.get(FRONT)

    assert "The worker is not running; it has never been seen." in answer.text
    assert f'href="{reverse("worker")}"' in answer.text


def test_who_may_not_connect_a_store_reads_who_may(client, db):
    User.objects.create_superuser("anna", is_staff=True)
    User.objects.create_superuser("gone", is_active=False)
    staff(client, "view_order", "view_store")

    answer = client.get(FRONT)

    assert "These people may connect one: anna." in answer.text
    assert reverse("admin:stores_store_add") not in answer.text


@pytest.fixture
def refused(store):
    store.connection = "refused"
    store.refused_since = clock.now()
    store.save()
    beat()
    return store


@pytest.fixture
def late(store):
    store.token_set_at = days_ago(2)
    store.save()
    beat()
    return store


def buttons(answer) -> list[str]:
    """Return the words on the buttons of the red bar."""
    bar = answer.text.partition('role="alert"')[2].partition('id="content"')[0]
    pressed = re.findall(r"<(a|button) .*?>(.*?)</\1>", bar, re.DOTALL)
    return [words.strip() for tag, words in pressed]


def test_the_red_bar_has_the_fitting_button_on_every_page(admin_client, refused):
    late = StoreFactory(token_set_at=days_ago(2))
    Heartbeat.objects.all().delete()

    for name in ["admin:index", "admin:orders_order_changelist", "worker"]:
        answer = admin_client.get(reverse(name))
        assert buttons(answer) == ["How to start it", "Replace token", "Import now"]
        assert reverse("admin:stores_store_change", args=[refused.pk]) in answer.text
        assert step_of(late) in answer.text


def test_no_bar_is_shown_while_all_is_well(admin_client, store):
    beat()

    assert 'role="alert"' not in admin_client.get(FRONT).text


def test_the_red_bar_hides_what_somebody_may_not_do(client, refused):
    StoreFactory(token_set_at=days_ago(2))
    staff(client, "view_store")

    answer = client.get(FRONT)

    assert 'role="alert"' in answer.text
    assert buttons(answer) == []


def test_the_button_of_a_late_store_imports_now(client, late):
    staff(client, "view_store", "import_now", "view_importrun")
    assert buttons(client.get(FRONT)) == ["Import now"]

    answer = client.post(step_of(late), SUBMITTED)

    assert answer.url == page(ImportRun.objects.get(store=late))


def test_the_button_of_a_late_store_wants_the_token_of_the_form(late, admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(step_of(late), SUBMITTED).status_code == 403
    form = client.get(FRONT).text.partition(f'action="{step_of(late)}"')[2]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]

    answer = client.post(step_of(late), SUBMITTED | {"csrfmiddlewaretoken": token})

    assert answer.status_code == 302


def test_the_front_page_costs_the_same_whatever_it_counts(
    admin_client, store, django_assert_max_num_queries
):
    def cost() -> int:
        with django_assert_max_num_queries(32) as queries:
            admin_client.get(FRONT)
        return len(queries)

    admin_client.get(FRONT)
    for _ in range(3):
        parcel(OrderFactory(store=store))
    few = cost()
    for _ in range(57):
        parcel(OrderFactory(store=store))

    assert cost() == few
