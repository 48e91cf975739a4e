"""Every date says its zone: on pages, in filters, on paper, in files and sentences."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone as clock
from django.utils import translation
from django.utils.formats import date_format, localize
from django.utils.html import strip_tags

from backoffice.kit.times import at_store, in_zone
from backoffice.kit.zones import Zone, in_viewers_zone, known, local
from orders import advice, importing
from orders.admin.filters import StoreDaysFilter
from orders.models import ImportRun, Order, Sending, Shipment
from orders.shipping import deadlines
from orders.work import alarms
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import LIST, NUMBER, page
from tests.support.payloads import ORDER_2021

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 4, 6, 30, tzinfo=UTC)
SHIPMENTS = reverse("admin:orders_shipment_changelist")
# A time of day that is followed by no zone.
BARE = re.compile(r"\d\d?(?::\d\d)? [ap]\.m\.(?! (?:[A-Z]{3,5}|UTC[+−]\d))")


def seen(text: str) -> str:
    """Return what a page says, in one line, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def with_stamp(store: Store, stamp: str) -> Order:
    stamps = {"created_at": stamp, "paid_at": stamp}
    importing.import_page(store, [ORDER_2021 | stamps])
    return store.orders.get()


def numbers(answer) -> set[str]:
    return {one.marketplace_order_id for one in answer.context["cl"].queryset}


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Los_Angeles", "PST"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/Sao_Paulo", "UTC−3"),
        ("Etc/GMT+12", "UTC−12"),
        ("Pacific/Marquesas", "UTC−9:30"),
        ("Europe/London", "GMT"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_says_its_name_as_everybody_reads_it(zone, name):
    local = NIGHT.astimezone(Zone(zone))

    assert local.tzname() == name
    assert f"{local:%Z}" == name
    assert date_format(local, "DATETIME_FORMAT").endswith(f"m. {name}")
    assert localize(local).endswith(f"m. {name}")


def test_a_zone_is_read_once():
    assert Zone("Asia/Kathmandu") is Zone("Asia/Kathmandu")


def test_no_zone_of_all_says_its_name_in_digits():
    for zone in available_timezones():
        for month in (1, 7):
            name = datetime(2026, month, 1, tzinfo=Zone(zone)).tzname()
            assert re.fullmatch(r"[A-Za-z]+|UTC[+−]\d\d?(:\d\d)?", name), (zone, name)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["Nov. 4, 2026, 6:30 a.m. UTC", "11/04/2026 6:30 a.m. UTC"]),
        ("fr", ["4 novembre 2026 06:30 UTC", "04/11/2026 06:30 UTC"]),
    ],
)
def test_django_writes_the_zone_after_every_time(language, shown):
    with translation.override(language):
        written = [localize(NIGHT), date_format(NIGHT, "SHORT_DATETIME_FORMAT")]

    assert written == shown


def test_the_order_shows_the_stores_zone_and_the_viewers_beside_it(admin_client):
    order = with_stamp(
        StoreFactory(timezone="America/Los_Angeles"), "2026-11-03T22:30:00"
    )
    admin_client.cookies["zone"] = "Europe/Paris"

    text = admin_client.get(page(order)).text

    said = seen(text)
    assert "11/03/2026 10:30 p.m. PST 11/04/2026 7:30 a.m. CET" in said
    stamp = "received as “2026-11-03T22:30:00”, without an offset, read in America/"
    assert f"2026-11-04 06:30:00 UTC, {stamp}Los_Angeles" in said
    assert f'title="2026-11-04 06:30:00 UTC, {stamp}' in text
    assert "<summary" in text
    assert not BARE.search(said)


def test_a_stamp_with_an_offset_is_shown_as_received(admin_client):
    order = with_stamp(StoreFactory(), "2026-11-03T22:30:00-08:00")

    said = seen(admin_client.get(page(order)).text)

    assert "UTC, received as “2026-11-03T22:30:00-08:00”" in said
    assert "without an offset" not in said


@pytest.mark.parametrize(
    ("viewer", "beside"),
    [
        # Chosen for its clock, which agrees with London's in winter alone.
        ("Africa/Abidjan", ["", "11 a.m. GMT"]),
        ("Asia/Kathmandu", ["4:45 p.m. UTC+5:45", "4:45 p.m. UTC+5:45"]),
        ("Pacific/Auckland", ["01/16/2026 midnight NZDT", "11 p.m. NZST"]),
    ],
)
def test_the_viewers_time_is_shown_where_it_differs_at_that_moment(viewer, beside):
    winter = datetime(2026, 1, 15, 11, tzinfo=UTC)
    summer = datetime(2026, 7, 15, 11, tzinfo=UTC)
    london = Zone("Europe/London")

    with clock.override(viewer):
        shown = [at_store(moment, london) for moment in (winter, summer)]

    for html, own in zip(shown, beside, strict=True):
        assert seen(html).strip().endswith(own or "GMT")
        assert ("In your time zone" in html) == bool(own)


def test_no_date_is_no_time(db):
    assert in_zone(None, Zone("UTC")) == at_store(None, Zone("UTC")) == ""


@pytest.mark.parametrize(
    ("cookie", "shown"),
    [
        ("Asia/Tokyo", "3:30 p.m. JST"),
        ("Asia/Kathmandu", "12:15 p.m. UTC+5:45"),
        ("", "6:30 a.m. UTC"),
        ("Mars/Olympus", "6:30 a.m. UTC"),
        ("../../etc/passwd", "6:30 a.m. UTC"),
        ('"><script>', "6:30 a.m. UTC"),
        ("x" * 5000, "6:30 a.m. UTC"),
    ],
)
def test_pages_are_in_the_browsers_zone_once_it_is_known(admin_client, cookie, shown):
    run = ImportRun.objects.create(store=StoreFactory(), asked_at=NIGHT)
    ImportRun.objects.update(asked_at=NIGHT, window_start=NIGHT)
    admin_client.cookies["zone"] = cookie

    text = admin_client.get(reverse("admin:orders_importrun_changelist")).text
    one = admin_client.get(page(run)).text

    assert f"Nov. 4, 2026, {shown}" in text
    assert f"Nov. 4, 2026, {shown}" in one
    assert str(clock.get_current_timezone()) == "UTC"


def test_a_request_is_answered_in_any_zone_there_is(rf):
    request = rf.get("/")
    for zone in known():
        request.COOKIES["zone"] = zone

        answer = in_viewers_zone(lambda request: local(NIGHT))(request)

        assert (str(answer.tzinfo), answer) == (zone, NIGHT)


def test_every_page_tells_the_server_the_browsers_zone(client, admin_client):
    for text in (
        client.get(reverse("admin:login")).text,
        admin_client.get(reverse("admin:index")).text,
    ):
        assert "backoffice/zone.js" in text


@pytest.fixture
def night_orders():
    """Orders of one moment, which is another day from store to store."""
    return {
        zone: OrderFactory(
            store=StoreFactory(timezone=zone), ordered_at=NIGHT, paid_at=NIGHT
        )
        for zone in ("America/Los_Angeles", "UTC", "Pacific/Kiritimati")
    }


@pytest.mark.parametrize("viewer", ["", "Asia/Tokyo"])
@pytest.mark.parametrize("name", ["ordered_at", "paid_at"])
@pytest.mark.parametrize(
    ("days", "found"),
    [
        (("2026-11-03", "2026-11-03"), ["America/Los_Angeles"]),
        (("2026-11-04", "2026-11-04"), ["UTC", "Pacific/Kiritimati"]),
        (("", "2026-11-03"), ["America/Los_Angeles"]),
        (("2026-11-04", ""), ["UTC", "Pacific/Kiritimati"]),
        (("2026-11-05", ""), []),
        (("0001-01-01", "9999-12-31"), ["America/Los_Angeles", "UTC"]),
    ],
)
def test_a_day_of_orders_is_that_of_each_orders_store(
    admin_client, night_orders, viewer, name, days, found
):
    admin_client.cookies["zone"] = viewer
    asked = {"view": "all", f"{name}_from": days[0], f"{name}_to": days[1]}

    answer = admin_client.get(reverse(LIST), asked)

    wanted = {night_orders[zone].marketplace_order_id for zone in found}
    assert wanted <= numbers(answer)
    assert len(numbers(answer)) == len(found) or days[1] == "9999-12-31"
    assert "ordered (days in the store’s zone)" in answer.text


def test_a_day_begins_and_ends_at_the_stores_midnight_also_when_clocks_change(
    admin_client,
):
    store = StoreFactory(timezone="America/Los_Angeles")
    begins, ends = datetime(2026, 11, 1, 7, tzinfo=UTC), timedelta(hours=25)
    instant = timedelta(microseconds=1)
    inside = [begins, begins + ends - instant]
    for moment in (*inside, begins - instant, begins + ends):
        OrderFactory(store=store, ordered_at=moment)
    asked = {"view": "all", "ordered_at_from": "2026-11-01"}

    answer = admin_client.get(reverse(LIST), asked | {"ordered_at_to": "2026-11-01"})

    found = answer.context["cl"].queryset.order_by("ordered_at")
    assert list(found.values_list("ordered_at", flat=True)) == inside


def test_a_day_may_be_typed_as_the_language_writes_it(admin_client, night_orders):
    asked = {"view": "all", "ordered_at_from": "03/11/2026"}
    asked["ordered_at_to"] = "03/11/2026"
    admin_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    answer = admin_client.get(reverse(LIST), asked)

    west = night_orders["America/Los_Angeles"].marketplace_order_id
    assert numbers(answer) == {west}


def test_a_day_that_makes_no_sense_is_said_and_narrows_nothing(
    admin_client, night_orders
):
    asked = {"view": "all", "ordered_at_from": "yesterday"}

    answer = admin_client.get(reverse(LIST), asked)

    assert len(numbers(answer)) == 3
    assert "Enter a valid date." in answer.text


def test_days_cost_one_query_however_many_stores_there_are(
    rf, django_assert_num_queries
):
    for zone in ["UTC", "Asia/Tokyo", "Asia/Tokyo", "Europe/Paris"]:
        OrderFactory(store=StoreFactory(timezone=zone), ordered_at=NIGHT)
    field = Order._meta.get_field("ordered_at")
    asked = {"ordered_at_from": ["2026-11-04"], "ordered_at_to": ["2026-11-04"]}
    spec = StoreDaysFilter(field, rf.get("/"), asked, Order, None, "ordered_at")

    with django_assert_num_queries(2):
        found = list(spec.queryset(rf.get("/"), Order.objects.all()))

    assert len(found) == 4


def test_shipments_are_listed_by_their_stores_days(admin_client, night_orders):
    for order in night_orders.values():
        Shipment.objects.create(
            order=order,
            carrier="USPS",
            tracking_number=f"{NUMBER[:-6]}{order.pk:06}",
            shipped_at=NIGHT,
            notified_at=NIGHT,
            notification="accepted",
        )
    asked = {"shipped_at_from": "2026-11-03", "shipped_at_to": "2026-11-03"}

    answer = admin_client.get(SHIPMENTS, asked)

    (found,) = answer.context["cl"].queryset
    assert found.order == night_orders["America/Los_Angeles"]
    assert "shipped (days in the store’s zone)" in answer.text
    assert seen(answer.text).count("11/03/2026 10:30 p.m. PST") == 2


def test_sendings_are_listed_by_the_viewers_days(admin_client):
    Sending.objects.create()
    Sending.objects.update(asked_at=NIGHT)
    admin_client.cookies["zone"] = "America/Los_Angeles"
    url = reverse("admin:orders_sending_changelist")

    third, fourth = (
        admin_client.get(url, {"asked_at_from": day, "asked_at_to": day})
        for day in ("2026-11-03", "2026-11-04")
    )

    assert "(days in America/Los_Angeles)" in third.text
    assert third.context["cl"].queryset.exists()
    assert not fourth.context["cl"].queryset.exists()


def test_a_deadline_is_due_today_by_the_stores_day():
    now = datetime(2026, 11, 4, 6, 30, tzinfo=UTC)
    west, east = (
        OrderFactory(
            store=StoreFactory(timezone=zone),
            paid_at=now - timedelta(days=5) + timedelta(hours=2),
        )
        for zone in ("America/Los_Angeles", "UTC")
    )

    assert deadlines.urgency(west, now) is deadlines.Urgency.LATER
    assert deadlines.urgency(east, now) is deadlines.Urgency.TODAY


def test_sentences_about_orders_name_the_stores_zone():
    west = StoreFactory.build(timezone="America/Los_Angeles")

    assert advice.day_of(NIGHT, west) == "Nov. 3, 2026 (PST)"
    assert advice.minute_of(NIGHT, west) == "11/03/2026 10:30 p.m. PST"


def test_an_alarm_names_the_zone_of_its_time(settings):
    settings.TIME_ZONE = "Asia/Kathmandu"
    StoreFactory(connection="refused", refused_since=NIGHT)

    (alarm,) = [one for one in alarms.urgent(NIGHT) if one.cause == "refused"]

    assert "2026-11-04 12:15 UTC+5:45" in alarm.message


def test_the_worker_page_names_the_zone():
    with clock.override("America/New_York"):
        text = render_to_string(
            "backoffice/worker_state.html", {"seen_at": NIGHT, "is_alive": True}
        )

    assert "11/04/2026 1:30 a.m. EST" in strip_tags(text)
