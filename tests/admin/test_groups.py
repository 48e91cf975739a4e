"""The three groups: what each may do, sees and is refused, by hand-made posts too."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core import serializers
from django.db import connection, transaction
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils import timezone as clock

from backoffice.models import UserSession
from orders.models import (
    ImportProblem,
    ImportRun,
    Sending,
    Shipment,
    StoreChange,
    StoreFigure,
    TrackingFile,
)
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.order_pages import LIST, NUMBER, grid, page, parcel, row

MIGRATION = import_module("orders.migrations.0003_groups")
NAMES = ["viewer", "shipper", "manager"]
OURS = {"stores", "orders"}
# Lists that show a part of their rows unless asked for all.
EVERY_ROW = {"orders.Order": "?view=all"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def groups(db):
    """The groups as the migration makes them; tests that flush rows take them away."""
    make_groups()


@pytest.fixture
def rows(store) -> dict[type[Model], list[Model]]:
    """A row of each kind, in each state that offers another step."""
    now = clock.now()
    waiting = OrderFactory(store=store)
    held = OrderFactory(store=store, held_at=now, hold_reason="Ask")
    shipped = OrderFactory(store=store, has_shipment=True)
    shipment = Shipment.objects.create(
        order=shipped,
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=now,
        notification="not_sent",
        not_sent_because="store",
    )
    sending = Sending.objects.create(looked_at=now)
    sending.lines.create(shipment=shipment, look="amber", words="Used before.")
    problem = ImportProblem.objects.create(
        store=store,
        marketplace_order_id="77",
        kind="no_address",
        first_seen_at=now,
        last_seen_at=now,
    )
    run = ImportRun.objects.create(store=store, window_start=now, window_end=now)
    file = TrackingFile.objects.create(
        name="numbers.csv",
        header=["Order", "Carrier", "Number"],
        lines=[[2, [waiting.marketplace_order_id, "USPS", NUMBER]]],
        mapping={"order": 0, "carrier": 1, "tracking_number": 2},
    )
    made = [store, waiting, held, shipped, shipment, sending, problem, run, file]
    found: dict[type[Model], list[Model]] = {}
    for one in made:
        found.setdefault(type(one), []).append(one)
    return found


def make_groups() -> None:
    MIGRATION.make_groups(apps, SimpleNamespace(connection=connection))


def permissions_of(name: str) -> set[str]:
    return {
        f"{app}.{codename}"
        for app, codename in Group.objects.get(name=name).permissions.values_list(
            "content_type__app_label", "codename"
        )
    }


def log_in(client, name: str):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=name))
    client.force_login(user)
    return user


def filled_in(rows, token: str) -> dict[str, str]:
    """Return the fields of all our forms, filled in so that they would be taken."""
    tomorrow = (clock.localdate() + timedelta(days=1)).isoformat()
    fields = parcel(
        name="Renamed",
        reason="Because",
        until=tomorrow,
        access_token=token,
        marketplace="tophatter",
        timezone="UTC",
        import_interval="30",
        ship_within_days="7",
        text="A note",
        what="orders",
        format="csv",
        post="yes",
    )
    for order in rows[apps.get_model("orders.Order")]:
        fields |= row(order, "USPS", f"9400{order.pk:018d}")
    return fields


def posts(rows, fields, labels=None) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield the name, address and data of a post to each address of the admin.

    Addresses come from the patterns of each page and actions from each list, so that
    new ones are walked too.
    """
    orders = ",".join(str(order.pk) for order in rows[apps.get_model("orders.Order")])
    for model, model_admin in admin.site._registry.items():
        if labels and model._meta.app_label not in labels:
            continue
        pks = [one.pk for one in rows.get(model, [])] or [1]
        for pattern in model_admin.get_urls():
            names = list(pattern.pattern.converters)
            for pk in pks if names else [0]:
                url = address(pattern, dict.fromkeys(names, pk))
                if url:
                    yield pattern.name, f"{url}?orders={orders}", fields
        listed = reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        )
        listed += EVERY_ROW.get(model._meta.label, "")
        for _function, name, _title in model_admin._get_base_actions():
            chosen = {"action": name, "_selected_action": pks}
            yield name, listed, fields | chosen


def address(pattern, values) -> str | None:
    if pattern.name is None:
        # Django's own redirect of an old address.
        assert "RedirectView" in pattern.lookup_str
        return None
    try:
        return reverse(f"admin:{pattern.name}", kwargs=values)
    except NoReverseMatch:
        return reverse(f"admin:{pattern.name}", args=[str(one) for one in values])


def tables() -> dict[str, str]:
    """Return a digest of each table, but of sessions and of what pages count."""
    return {
        model._meta.label: hashlib.sha256(
            serializers.serialize("json", model._base_manager.order_by("pk")).encode()
        ).hexdigest()
        for model in apps.get_models()
        if model not in {UserSession, StoreChange, StoreFigure}
    }


def changes(client, walk, capture) -> tuple[set[str], int]:
    """Post all, each on the same rows; return what changed one, and their count."""
    before = tables()
    changing, count = set(), 0
    for name, url, data in walk:
        count += 1
        with transaction.atomic(), capture() as queued:
            client.post(url, data)
            if tables() != before:
                changing.add(name)
            transaction.set_rollback(True)
        if queued:
            changing.add(name)
    return changing, count


def test_each_group_has_its_permissions_and_no_others():
    granted = {name: permissions_of(name) for name in NAMES}

    assert granted["viewer"] == {
        "stores.view_store",
        "orders.view_order",
        "orders.view_lineitem",
        "orders.view_shipment",
        "orders.view_importrun",
        "orders.view_importproblem",
        "orders.view_correction",
        "orders.view_orderevent",
        "orders.view_packingslip",
    }
    assert granted["shipper"] - granted["viewer"] == {
        "orders.ship_order",
        "orders.send_tracking",
        "orders.view_sending",
        "orders.view_trackingfile",
        "stores.import_now",
    }
    assert granted["manager"] - granted["shipper"] == {
        "orders.override_amber",
        "orders.export_orders",
        "orders.view_alert",
        "stores.add_store",
        "stores.change_store",
        "stores.replace_token",
    }
    assert granted["viewer"] < granted["shipper"] < granted["manager"]


def test_no_group_may_touch_users_groups_or_the_queue():
    apps_named = {
        code.partition(".")[0] for name in NAMES for code in permissions_of(name)
    }

    assert apps_named == OURS


def test_the_migration_keeps_what_an_administrator_added():
    extra = Permission.objects.get(codename="view_user")
    viewers = Group.objects.get(name="viewer")
    viewers.permissions.add(extra)

    make_groups()

    assert extra in viewers.permissions.all()
    assert Group.objects.filter(name__in=NAMES).count() == 3


def test_permissions_and_groups_are_made_again_when_rows_are_lost():
    Group.objects.all().delete()
    Permission.objects.filter(content_type__app_label__in=OURS).delete()

    make_groups()

    assert "orders.export_orders" in permissions_of("manager")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shows", "hides"),
    [
        ("viewer", [], ["Mark as shipped", "/hold/", "Import now", "Replace token"]),
        ("shipper", ["Mark as shipped", "/hold/", "Import now"], ["Replace token"]),
        ("manager", ["Mark as shipped", "/hold/", "Import now", "Replace token"], []),
    ],
)
def test_each_group_sees_its_buttons_and_no_others(client, rows, name, shows, hides):
    log_in(client, name)
    order = rows[apps.get_model("orders.Order")][0]
    store = order.store
    urls = [
        reverse(LIST),
        page(order),
        reverse("admin:stores_store_changelist"),
        reverse("admin:stores_store_change", args=[store.pk]),
    ]

    answers = [client.get(url) for url in urls]

    text = "".join(answer.content.decode() for answer in answers)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [button for button in shows if button not in text] == []
    assert [button for button in hides if button in text] == []


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("viewer", []),
        ("shipper", ["grid"]),
        ("manager", ["grid", "connect", "export"]),
    ],
)
def test_each_group_opens_its_pages(client, rows, name, allowed):
    log_in(client, name)
    order = rows[apps.get_model("orders.Order")][0]
    urls = {
        "grid": grid(order),
        "connect": reverse("admin:stores_store_add"),
        "export": reverse("admin:orders_order_export"),
        "users": reverse("admin:auth_user_changelist"),
        "groups": reverse("admin:auth_group_changelist"),
        "schedules": reverse("admin:django_q_schedule_changelist"),
    }

    answers = {title: client.get(url).status_code for title, url in urls.items()}

    assert answers == {title: 200 if title in allowed else 403 for title in urls}
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.slow
def test_no_post_of_a_viewer_changes_a_row(
    client, rows, tophatter, django_capture_on_commit_callbacks
):
    log_in(client, "viewer")
    walk = posts(rows, filled_in(rows, tophatter.add_account()))

    changing, count = changes(client, walk, django_capture_on_commit_callbacks)

    assert changing == set()
    assert count > 100
    assert not tophatter.requests


@pytest.mark.slow
def test_the_same_posts_of_a_manager_change_rows(
    client, rows, tophatter, django_capture_on_commit_callbacks
):
    """What shows that the walk above would see a missing check."""
    log_in(client, "manager")
    walk = posts(rows, filled_in(rows, tophatter.add_account()), OURS)

    changing, _count = changes(client, walk, django_capture_on_commit_callbacks)

    assert changing >= {
        "orders_order_ship",
        "orders_order_hold_order",
        "orders_order_release",
        "orders_order_send",
        "orders_order_import_again",
        "orders_order_ship_grid",
        "orders_shipment_correct",
        "orders_shipment_send",
        "orders_importrun_run_here",
        "release_chosen",
        "send_chosen",
        "import_again",
        "import_now",
        "stores_store_import_orders",
        "stores_store_replace_token",
        "stores_store_disconnect_store",
        "stores_store_change",
    }


@pytest.mark.slow
def test_a_shipper_ships_and_imports_but_changes_no_store(
    client, rows, tophatter, django_capture_on_commit_callbacks
):
    log_in(client, "shipper")
    walk = posts(rows, filled_in(rows, tophatter.add_account()), OURS)

    changing, _count = changes(client, walk, django_capture_on_commit_callbacks)

    of_stores = {name for name in changing if name.startswith("stores_store_")}
    assert of_stores == {"stores_store_import_orders"}
    assert "orders_order_ship" in changing


def test_a_shipper_is_refused_what_a_manager_may(client, rows, tophatter):
    log_in(client, "shipper")
    store = StoreFactory()
    fields = filled_in(rows, tophatter.add_account())
    urls = [
        reverse("admin:stores_store_add"),
        reverse("admin:stores_store_change", args=[store.pk]),
        reverse("admin:stores_store_replace_token", args=[store.pk]),
        reverse("admin:stores_store_disconnect_store", args=[store.pk]),
        reverse("admin:orders_order_export"),
        reverse("admin:orders_shipment_export"),
    ]

    answers = [client.post(url, fields).status_code for url in urls]

    assert answers == [403] * len(urls)
