"""The zone doctor at work on stored orders, on the store's page and by itself."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.health import beat
from orders import importing, tasks
from orders.auditing import zone_doctor
from orders.auditing.zone_doctor import ZoneVerdict
from orders.importing import replays, rereading
from orders.importing.rereading import Settings
from orders.models import ImportProblem, ImportRun, Order
from stores.models import Store
from tests.support.counting import days_ago
from tests.support.order_pages import staff
from tests.support.simulating import sell

pytestmark = pytest.mark.django_db


def page(store: Store) -> str:
    return reverse("admin:stores_store_change", args=[store.pk])


@pytest.fixture
def pacific(store, tophatter) -> Store:
    """A store set to UTC whose server leaves the offset out of Pacific times."""
    tophatter.offset = "none"
    sell(store, tophatter)
    return store


def test_a_wrong_zone_is_found_from_stored_orders(pacific):
    found = zone_doctor.examine(pacific)

    assert (found.verdict, found.zone.key) == (ZoneVerdict.WRONG, "America/Los_Angeles")
    assert len(found.witnesses) == 5


def test_a_right_zone_is_confirmed_from_stored_orders(store, tophatter):
    Store.objects.update(timezone="America/Los_Angeles")
    store.refresh_from_db()
    tophatter.offset = "none"
    sell(store, tophatter)

    assert zone_doctor.examine(store).verdict == ZoneVerdict.RIGHT


def test_stamps_with_an_offset_need_no_zone(store, tophatter):
    sell(store, tophatter)

    assert zone_doctor.examine(store).verdict == ZoneVerdict.OFFSETS


def test_orders_that_were_there_before_the_first_refresh_tell_nothing(store, tophatter):
    tophatter.offset = "none"
    for hours in range(8):
        tophatter.add_order(created_at=days_ago(hours / 4))
    importing.refresh_store(store)

    assert zone_doctor.examine(store).verdict == ZoneVerdict.TOO_FEW


def test_an_older_order_that_no_refresh_had_asked_for_tells_nothing(store, tophatter):
    tophatter.offset = "none"
    importing.refresh_store(store)
    for days in range(10, 16):
        raw = tophatter.add_order(created_at=days_ago(days))
        importing.import_one(store, str(raw["order_id"]))

    assert zone_doctor.examine(store).verdict == ZoneVerdict.TOO_FEW


def test_an_order_that_waited_for_its_address_tells_nothing(store, tophatter):
    tophatter.offset = "none"
    importing.refresh_store(store)
    for _ in range(5):
        raw = tophatter.add_order(address1=None, city=None, postal_code=None)
        importing.refresh_store(store)
        raw.update(address1="1 Example Street", city="Los Altos")
        importing.refresh_store(store)

    assert ImportProblem.objects.count() == Order.objects.count() == 5
    assert zone_doctor.examine(store).witnesses == []


def test_a_clock_of_this_computer_that_is_wrong_is_allowed_for(pacific):
    ahead = timedelta(hours=3)
    for run in ImportRun.objects.all():
        run.clock_ahead = 3 * 3600
        run.started_at += ahead
        run.finished_at += ahead
        run.save()
    for order in Order.objects.all():
        Order.objects.filter(pk=order.pk).update(imported_at=order.imported_at + ahead)

    assert zone_doctor.examine(pacific).zone.key == "America/Los_Angeles"


def test_an_import_notes_how_far_the_two_clocks_are_apart(store, tophatter):
    run = importing.refresh_store(store)

    run.refresh_from_db()
    assert 0 <= run.clock_ahead <= 3


@pytest.mark.parametrize("date", ["", "soon", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_marketplace_without_a_clock_is_imported_all_the_same(store, tophatter, date):
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    answer = f"{head}Date: {date}\r\nContent-Length: 2\r\n\r\n[]"
    tophatter.fault("wire", times=None, text=answer)

    run = importing.refresh_store(store)

    run.refresh_from_db()
    assert run.clock_ahead is None


def test_the_schedule_notes_a_suspicion_and_takes_it_back(pacific):
    tasks.examine_zones()
    pacific.refresh_from_db()
    since = pacific.suspected_since
    tasks.examine_zones()
    pacific.refresh_from_db()

    assert pacific.suspected_timezone == "America/Los_Angeles"
    assert pacific.suspected_since == since

    Store.objects.update(timezone="America/Los_Angeles")
    tasks.examine_zones()

    pacific.refresh_from_db()
    assert (pacific.suspected_timezone, pacific.suspected_since) == ("", None)


def test_undoing_the_right_zone_brings_the_suspicion_back(pacific, admin_client):
    tasks.examine_zones()
    replay = replays.apply(pacific, Settings("America/Los_Angeles", False), None)
    before = Store.objects.get().suspected_timezone
    page = reverse("admin:stores_store_replay", args=[pacific.pk])

    admin_client.post(page, {"step": "undo", "replay": replay.pk})

    assert before == ""
    assert Store.objects.get().suspected_timezone == "America/Los_Angeles"


def test_check_sync_says_which_zone_is_wrong(pacific, capsys):
    beat()
    tasks.examine_zones()

    with pytest.raises(SystemExit):
        call_command("check_sync", "--json")

    line = json.loads(capsys.readouterr().out)
    assert line["cause"] == "zone"
    assert "looks like America/Los_Angeles, not UTC" in line["message"]


def test_the_page_says_it_draws_it_and_leads_to_the_dates(admin_client, pacific):
    answer = admin_client.get(page(pacific))
    text = answer.content.decode()

    assert "server looks like UTC−" in text
    assert "(America/Los_Angeles), not UTC" in text
    assert text.count('class="doctor-bar"') == 5
    assert text.count('class="doctor-fits"') == 1
    preview = admin_client.get(answer.context["redate_url"]).content.decode()
    assert "5 would get another date" in preview


def test_dating_anew_ends_the_suspicion_and_undo_brings_it_back(pacific, admin_user):
    zone_doctor.record_suspicion(pacific)
    before = list(Order.objects.values_list("ordered_at", flat=True))

    wanted = rereading.Settings("America/Los_Angeles", False)
    replay = replays.apply(pacific, wanted, admin_user)

    pacific.refresh_from_db()
    assert pacific.suspected_timezone == ""
    assert zone_doctor.examine(pacific).verdict == ZoneVerdict.RIGHT
    now = clock.now() + timedelta(minutes=1)
    assert all(order.ordered_at < now for order in Order.objects.all())

    replays.undo(replay, admin_user)

    pacific.refresh_from_db()
    assert list(Order.objects.values_list("ordered_at", flat=True)) == before
    assert zone_doctor.record_suspicion(pacific).verdict == ZoneVerdict.WRONG


def test_who_may_only_look_sees_the_evidence_and_no_button(client, pacific):
    staff(client, "view_store")

    answer = client.get(page(pacific))

    assert "server looks like" in answer.content.decode()
    assert answer.context["redate_url"] is None


def test_a_store_without_orders_shows_nothing_of_it(admin_client, store):
    assert "doctor-sentence" not in admin_client.get(page(store)).content.decode()
