"""How often a schedule runs: superusers choose it, and what they chose stays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone as clock
from django_q.models import Schedule

from backoffice import clocks, schedules
from backoffice.models import AuditEntry
from tests.factories import UserFactory
from tests.support.forms import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _scheduled():
    call_command("setup_schedules", verbosity=0)


def named(name: str) -> Schedule:
    return Schedule.objects.get(name=name)


def address(name: str) -> str:
    return reverse("admin:django_q_schedule_change", args=[named(name).pk])


def choose(client, name: str, **typed: str):
    """Fill in the schedule's page: every so many minutes, or daily at a time."""
    text = client.get(address(name)).content.decode()
    data = filled_in(text) | {"minutes": "", "daily_at": ""} | typed
    return client.post(address(name), data)


def runs(name: str) -> list[datetime]:
    """Return the next two runs, as the queue itself reckons them."""
    assert clocks.set_right() == 0
    schedule = named(name)
    return [schedule.next_run, schedule.calculate_next_run()]


def test_an_interval_is_chosen_and_kept(admin_client):
    answer = choose(admin_client, "fill gaps", minutes="30")
    call_command("setup_schedules", verbosity=0)

    schedule = named("fill gaps")
    assert answer.status_code == 302
    assert (schedule.schedule_type, schedule.minutes) == (Schedule.MINUTES, 30)
    assert schedule.func == "orders.tasks.fill_gaps"
    first, second = runs("fill gaps")
    assert timedelta(minutes=29) < first - clock.now() < timedelta(minutes=30)
    assert second - first == timedelta(minutes=30)
    noted = AuditEntry.objects.get(kind="settings")
    assert (noted.about, noted.user) == ("fill gaps", "admin")
    assert ["minutes", 60, 30] in noted.changes


@pytest.mark.parametrize("name", ["prune", "mail customers"])
def test_a_time_of_day_is_chosen_by_the_servers_clock_and_kept(
    admin_client, settings, name
):
    settings.TIME_ZONE = "Asia/Tokyo"
    admin_client.cookies["zone"] = "America/Los_Angeles"

    answer = choose(admin_client, name, daily_at="04:30")
    call_command("setup_schedules", verbosity=0)

    first, second = runs(name)
    listed = admin_client.get(reverse("admin:django_q_schedule_changelist"))
    assert answer.status_code == 302
    assert named(name).schedule_type == Schedule.DAILY
    assert f"{first.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M:%S}" == "04:30:00"
    assert timedelta(0) < first - clock.now() <= timedelta(days=1)
    assert second - first == timedelta(days=1)
    assert "daily at 04:30" in listed.content.decode()


def test_a_daily_schedule_may_run_by_minutes(admin_client):
    choose(admin_client, "prune", minutes="360")

    assert (named("prune").schedule_type, named("prune").minutes) == ("I", 360)


def test_saving_without_a_change_puts_nothing_off(admin_client):
    before = Schedule.objects.values().get(name="prune")

    text = admin_client.get(address("prune")).content.decode()
    admin_client.post(address("prune"), filled_in(text))

    assert Schedule.objects.values().get(name="prune") == before


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("fill gaps", {}, "Give either minutes or a time of day."),
        ("fill gaps", {"minutes": "5", "daily_at": "04:30"}, "Give either minutes"),
        ("fill gaps", {"minutes": "0"}, "greater than or equal to 1"),
        ("fill gaps", {"minutes": "-5"}, "greater than or equal to 1"),
        ("fill gaps", {"minutes": "soon"}, "Enter a whole number"),
        ("fill gaps", {"minutes": "1441"}, "every 1440 minutes or more often"),
        ("fill gaps", {"daily_at": "25:00"}, "Enter a valid time"),
        ("heartbeat", {"minutes": "3"}, "every 2 minutes or more often"),
        ("heartbeat", {"daily_at": "04:30"}, "every 2 minutes or more often"),
        ("send due notices", {"minutes": "31"}, "every 30 minutes or more often"),
        ("refresh due stores", {"minutes": "16"}, "every 15 minutes or more often"),
        ("prune", {"daily_at": "02:30"}, "the clocks skip 02:30; choose another"),
    ],
)
def test_a_cadence_that_does_harm_is_refused_in_words(
    admin_client, settings, name, typed, words
):
    settings.TIME_ZONE = "Europe/Paris"
    before = Schedule.objects.values().get(name=name)

    answer = choose(admin_client, name, **typed)

    assert words in answer.content.decode()
    assert Schedule.objects.values().get(name=name) == before


def test_nothing_else_of_a_schedule_can_be_changed(admin_client):
    kept = Schedule.objects.values("func", "args", "kwargs", "hook", "name", "repeats")
    before = kept.get(name="fill gaps")
    more = {"func": "os.getcwd", "args": "1", "hook": "os.getcwd", "repeats": "0"}

    choose(admin_client, "fill gaps", minutes="30", **more)

    assert kept.get(name="fill gaps") == before
    assert named("fill gaps").minutes == 30


def test_a_schedule_of_somebody_elses_is_looked_at_alone(admin_client):
    Schedule.objects.create(name="probe", func="os.getcwd", minutes=7)

    text = admin_client.get(address("probe")).content.decode()
    answer = admin_client.post(address("probe"), {"minutes": "1", "daily_at": ""})

    assert 'name="minutes"' not in text
    assert answer.status_code == 403
    assert named("probe").minutes == 7


def test_the_history_names_who_chose_what(admin_client):
    choose(admin_client, "fill gaps", minutes="30")
    choose(admin_client, "prune", daily_at="04:30")

    told = LogEntry.objects.order_by("pk").values_list("user__username", flat=True)
    assert list(told) == ["admin", "admin"]
    assert [str(one.change_message) for one in LogEntry.objects.order_by("pk")] == [
        "Runs every 30 min.",
        "Runs daily at 04:30.",
    ]


def test_a_cadence_is_for_superusers(client):
    client.force_login(UserFactory(is_superuser=False))

    assert client.get(address("prune")).status_code == 403
    assert client.post(address("prune"), {"minutes": "5"}).status_code == 403


def test_a_time_that_has_passed_today_is_tomorrows(settings):
    settings.TIME_ZONE = "UTC"
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    times = [
        schedules._next(datetime.strptime(at, "%H:%M").time(), now)
        for at in ("11:59", "12:00", "12:01")
    ]

    assert [f"{run:%d %H:%M}" for run in times] == ["25 11:59", "25 12:00", "24 12:01"]
