"""What is wrong is known on every page alike, from the rows the program makes."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone as clock
from django.utils import translation

from backoffice.health import beat
from orders import importing, mailing, notifying, shipping, tasks
from orders.advice import Step
from orders.auditing import listings
from orders.models import ImportRun, Order, Shipment
from orders.notifying import sendings
from orders.shipping import doubts, notes
from orders.work import alarms, alerts, to_do
from orders.work.causes import CAUSES, STORED, TABLE
from stores.models import Store
from tests.support.addresses import corrected_and_changed
from tests.support.counting import days_ago
from tests.support.coverage import was_read
from tests.support.order_pages import LIST, NUMBER, page
from tests.support.sendings import ODD
from tests.support.simulating import sell
from tests.support.work_causes import untold_shipment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def imported(store: Store, tophatter, **fields) -> Order:
    tophatter.add_order(**fields)
    importing.refresh_store(store)
    return Order.objects.get()


def refuse_the_token(store: Store, tophatter) -> None:
    importing.refresh_store(store)
    tophatter.fault("401", times=None)
    importing.refresh_store(store)


def suspect_the_zone(store: Store, tophatter) -> None:
    tophatter.offset = "none"
    sell(store, tophatter)
    tasks.examine_zones()


def leave_a_gap(store: Store, tophatter) -> None:
    was_read(store, 90, 80)
    store.last_import_at = clock.now()
    store.save()
    importing.refresh_store(store)


def change_a_corrected_address(store: Store, tophatter) -> None:
    corrected_and_changed(store, tophatter)


def open_an_order_again(store: Store, tophatter) -> None:
    order = imported(store, tophatter)
    shipment = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    notifying.send_tracking(shipment)
    tophatter.order(order.marketplace_order_id).update(
        status="paid", carrier=None, tracking_number=None
    )
    importing.refresh_store(store)


def refuse_the_tracking(store: Store, tophatter) -> None:
    order = imported(store, tophatter)
    shipment = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    tophatter.fault("422", on="orders/fulfill", message="No such label.")
    notifying.send_tracking(shipment)


def doubt_the_tracking(store: Store, tophatter) -> None:
    order = imported(store, tophatter)
    doubts.ship_unless_in_doubt(order, carrier="USPS", tracking_number=ODD)


def tell_nothing(store: Store, tophatter) -> None:
    Store.objects.update(auto_send_tracking=False)
    order = imported(store, tophatter)
    doubts.ship_unless_in_doubt(order, carrier="USPS", tracking_number=NUMBER)


def give_an_unknown_status(store: Store, tophatter) -> None:
    imported(store, tophatter, status="odd")


def give_an_incomplete_address(store: Store, tophatter) -> None:
    imported(store, tophatter, address1=None)


def reject_an_order(store: Store, tophatter) -> None:
    tophatter.add_order(product_quantity="a dozen")
    importing.refresh_store(store)


def list_an_order_that_is_not_here(store: Store, tophatter) -> None:
    was_read(store, 40, 1)
    importing.refresh_store(store)
    tophatter.add_order(created_at=days_ago(20))
    listings.reconcile(store)


def fail_to_mail(store: Store, tophatter) -> None:
    store.mail_customers, store.mail_customers_since = True, days_ago(1)
    store.save()
    order = imported(store, tophatter)
    notes.set_email(order, "jane@example.com", None)
    shipment = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    notifying.send_tracking(shipment)
    for wait in mailing.WAITS:
        mailing.send_due_mails(clock.now() + wait)


SHIPMENTS, PROBLEMS = "Shipments", "Import problems"
# What makes a cause, its alarm, its tile, and the page of the side bar that counts it.
KNOWN: dict[str, tuple[Callable, str, str, str]] = {
    "token": (refuse_the_token, "refused", "", ""),
    "zone": (suspect_the_zone, "zone", "", ""),
    "gap": (leave_a_gap, "gap", "", ""),
    "address": (change_a_corrected_address, "", "Address to decide", ""),
    "reopened": (open_an_order_again, "reopened", "Open again", ""),
    "notice": (refuse_the_tracking, "tracking_refused", "Refused tracking", SHIPMENTS),
    "doubt": (
        doubt_the_tracking,
        "tracking_in_doubt",
        "Tracking that waits for a last look",
        SHIPMENTS,
    ),
    "untold": (tell_nothing, "", "Shipped here, never told", SHIPMENTS),
    "review": (give_an_unknown_status, "", "Needs review", ""),
    "incomplete": (give_an_incomplete_address, "", "Needs review", ""),
    "problem": (reject_an_order, "rejected", "Import problems", PROBLEMS),
    "difference": (list_an_order_that_is_not_here, "unexplained", "", ""),
    "mail": (fail_to_mail, "", "Mails that could not leave", SHIPMENTS),
}
# All that a person is shown of one who sees everything.
TILES = {tile for _make, _alarm, tile, _badge in KNOWN.values() if tile}


def test_every_cause_is_walked():
    assert list(KNOWN) == list(CAUSES)


@pytest.mark.parametrize("kind", KNOWN)
def test_a_cause_is_known_on_every_page(kind, store, tophatter, admin_client):
    make, alarm, tile, badge = KNOWN[kind]
    make(store, tophatter)
    beat()

    (item,) = to_do.standing(clock.now())
    sentence = to_do.advise(item).sentence
    front = admin_client.get("/")
    groups = admin_client.get(reverse("admin:orders_order_work")).context["groups"]

    assert item.kind == kind
    assert [one["title"] for one in groups] == [CAUSES[kind].title]
    assert [row["sentence"] for one in groups for row in one["rows"]] == [sentence]
    assert "data-work-count>1<" in front.text
    counts = {str(one.title): count for one, count in front.context["tiles"]}
    assert {name for name in TILES if counts[name]} == ({tile} if tile else set())
    raised = [one.cause for one in alarms.raised(clock.now())]
    assert raised == ([alarm] if alarm else [])
    assert {
        str(link["title"])
        for group in front.context["sidebar_navigation"]
        for link in group["items"]
        if link.get("badge") and link["badge_variant"] == "danger"
    } == ({badge} if badge else set())


@pytest.mark.parametrize(
    "kind",
    [
        "address",
        "reopened",
        "notice",
        "doubt",
        "untold",
        "review",
        "incomplete",
        "mail",
    ],
)
def test_the_orders_that_a_cause_is_about_are_found(
    kind, store, tophatter, admin_client
):
    KNOWN[kind][0](store, tophatter)

    for wanted, count in {kind: 1, "yes": 1, "no": 0}.items():
        answer = admin_client.get(reverse(LIST), {"view": "all", "problem": wanted})
        assert answer.context["cl"].result_count == count, wanted


def test_an_order_that_is_open_again_is_one_thing_until_it_is_shipped_again(
    store, tophatter, admin_client
):
    open_an_order_again(store, tophatter)
    order = Order.objects.get()
    listings.reconcile(store)
    beat()

    (item,) = to_do.standing(clock.now())
    on_its_page = admin_client.get(page(order)).text
    there = tophatter.order(order.marketplace_order_id)
    there.update(status="shipped", carrier="usps", tracking_number=NUMBER)
    importing.refresh_store(store)

    assert item.kind == "reopened"
    assert "shows the order as open again since" in on_its_page
    assert to_do.standing(clock.now()) == []
    assert "open again" not in admin_client.get(page(order)).text


def test_an_old_order_that_is_listed_as_open_again_is_read_anew(store, tophatter):
    was_read(store, 40, 1)
    raw = tophatter.add_order(created_at=days_ago(20))
    importing.import_one(store, str(raw["order_id"]))
    order = Order.objects.get()
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, shipped_at=days_ago(19)
    )
    notifying.send_tracking(shipment)
    long_ago = days_ago(18)
    Shipment.objects.update(notified_at=long_ago)
    Order.objects.update(imported_at=long_ago, changed_at=long_ago)
    tophatter.order(order.marketplace_order_id).update(status="paid")
    before = to_do.standing(clock.now())

    tasks.reconcile_store(store.pk)
    run = ImportRun.objects.get(kind="recheck")
    tasks.run_import(run.pk)

    assert "reopened" not in [item.kind for item in before]
    assert "reopened" in [item.kind for item in to_do.standing(clock.now())]


@pytest.mark.parametrize("sends_by_itself", [True, False])
def test_a_doubt_is_an_alarm_from_its_first_minute_whoever_sends(
    sends_by_itself, store, tophatter, admin_client, settings
):
    settings.ALERT_EMAILS = ["owner@example.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Store.objects.update(auto_send_tracking=sends_by_itself)
    doubt_the_tracking(store, tophatter)
    beat()

    alerts.announce(clock.now())
    (item,) = to_do.standing(clock.now())
    with pytest.raises(SystemExit):
        call_command("check_sync")

    told = admin_client.get("/healthz/sync").json()
    assert told["alarms"] == ["tracking_in_doubt"]
    assert told["outbox"]["in_doubt"] == 1
    assert "waits for a last look" in mail.outbox[0].subject
    assert f"“{ODD}” does not look like a number" in to_do.advise(item).sentence


def test_what_somebody_chose_not_to_tell_is_nobodys_work(
    store, tophatter, admin_client
):
    order = imported(store, tophatter)
    shipping.ship_order(order, carrier="USPS", tracking_number=ODD, send=False)
    listings.reconcile(store)
    beat()

    counts = admin_client.get("/").context["tiles"]

    assert not [tile for tile, count in counts if str(tile.title) in TILES and count]
    assert alarms.raised(clock.now()) == []
    assert to_do.standing(clock.now()) == []


def test_what_somebody_asked_to_tell_after_all_is_counted_until_it_goes(
    store, tophatter
):
    order = imported(store, tophatter)
    shipping.ship_order(order, carrier="USPS", tracking_number=ODD, send=False)

    sendings.start_sending(Shipment.objects.all(), None)

    assert [one.kind for one in to_do.standing(clock.now())] == ["untold"]


@pytest.mark.parametrize(("state", "count"), [("awaiting_payment", 1), ("shipped", 0)])
def test_the_marketplace_is_told_of_what_is_open_there(state, count):
    shipment = untold_shipment()
    Order.objects.filter(pk=shipment.order_id).update(marketplace_state=state)

    assert len(to_do.standing(clock.now())) == count


@pytest.mark.parametrize("kind", [cause.kind for cause in STORED])
def test_a_switched_off_store_has_nothing_wrong(kind, store, tophatter, admin_client):
    KNOWN[kind][0](store, tophatter)
    Store.objects.update(is_active=False)
    beat()

    counts = admin_client.get("/").context["tiles"]

    assert not [tile for tile, count in counts if str(tile.title) in TILES and count]
    assert alarms.raised(clock.now()) == []
    assert to_do.standing(clock.now()) == []


@pytest.mark.parametrize("cause", TABLE, ids=lambda cause: cause.kind)
def test_a_cause_has_its_words_and_a_step_that_somebody_may_take(cause):
    app, codename = cause.step.permission.split(".")
    texts = [cause.title, cause.meaning, cause.one, cause.many, cause.step.label]
    words = [text for text in texts if text and text != "%(text)s"]
    english = [text % NAMES for text in words]

    with translation.override("fr"):
        french = [text % NAMES for text in words]

    assert cause.step != Step.NONE
    assert Permission.objects.filter(content_type__app_label=app, codename=codename)
    assert not set(english) & set(french)


class Names(dict):
    """Something for each fact of a sentence."""

    def __missing__(self, name: str) -> str:
        return name


NAMES = Names(count=2)
