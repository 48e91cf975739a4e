"""The audit: what is noted of what people do, and that nobody changes it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone as clock

from backoffice import audit
from backoffice.models import AuditEntry
from orders import pruning, shipping
from orders.importing import replays
from orders.importing.rereading import Settings
from orders.shipping.refusals import record_override
from stores import access
from stores.connecting import connect
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.forms import filled_in
from tests.support.order_pages import NUMBER, SUBMITTED, staff
from tests.support.plans import count_rows
from tests.support.store_pages import step

LIST = reverse("admin:backoffice_auditentry_changelist")
Kind = AuditEntry.Kind

pytestmark = pytest.mark.django_db


def last(kind: str) -> AuditEntry:
    return AuditEntry.objects.filter(kind=kind).latest("pk")


def entry(**facts) -> AuditEntry:
    return audit.record(facts.pop("kind", Kind.SHIPPED), **facts)


def test_a_shipment_and_its_correction_are_noted_with_who_did_it():
    anna, order = UserFactory(username="anna"), OrderFactory()

    one = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, shipped_by=anna, send=False
    )
    shipping.correct_shipment(one, "UPS", "1Z999AA10123456784", anna)

    shipped, corrected = AuditEntry.objects.order_by("pk")
    assert (shipped.kind, shipped.user, shipped.user_key) == (
        "shipped",
        "anna",
        anna.pk,
    )
    assert (shipped.about, shipped.store_key) == (str(order), order.store_id)
    assert shipped.text == f"USPS {NUMBER}"
    assert corrected.text == f"USPS {NUMBER} → UPS 1Z999AA10123456784"


def test_who_ships_by_a_command_is_noted_as_the_program():
    order = OrderFactory()

    shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER, send=False)

    assert last("shipped").user == audit.program()
    assert audit.program().endswith(")")


def test_an_override_is_noted_with_its_reason():
    order = OrderFactory()

    record_override(order, "It looks odd.", "Asked the carrier", UserFactory())

    assert last("overridden").text == "It looks odd. Reason: Asked the carrier"


def test_replacing_a_token_and_disconnecting_never_tell_the_token(
    admin_client, tophatter
):
    store = StoreFactory(access_token="e" * 32, name="Main")
    data = SUBMITTED | {"access_token": tophatter.token}

    admin_client.post(step(store, "replace_token"), data)
    admin_client.post(step(store, "disconnect_store"), SUBMITTED)

    kinds = list(AuditEntry.objects.order_by("pk").values_list("kind", "about", "user"))
    assert kinds == [("token", "Main", "admin"), ("disconnected", "Main", "admin")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM backoffice_auditentry")
        rows = str(cursor.fetchall())
    assert tophatter.token not in rows
    assert "e" * 32 not in rows


def test_a_store_that_is_connected_is_noted(admin_client, tophatter):
    data = {"name": "New", "marketplace": "tophatter", "access_token": tophatter.token}

    admin_client.post(reverse("admin:stores_store_add"), data)

    assert (last("connected").about, last("connected").user) == ("New", "admin")


def test_a_store_connected_by_a_command_is_noted(tophatter):
    store = connect(
        name="By hand", marketplace="tophatter", access_token=tophatter.token
    )

    assert last("connected").store_key == store.pk


def test_settings_are_noted_from_what_to_what(admin_client, store):
    url = reverse("admin:stores_store_change", args=[store.pk])
    form = filled_in(admin_client.get(url).content.decode())

    admin_client.post(url, form | {"import_interval": "30", "phone": "555"})

    noted = last("settings")
    assert sorted(noted.changes) == [["import_interval", 15, 30], ["phone", "", "555"]]
    assert (noted.user, noted.address) == ("admin", "127.0.0.1")
    shown = admin_client.get(LIST).content.decode()
    assert "import interval (minutes): 15 → 30" in shown


def test_a_zone_is_noted_when_orders_are_read_with_it(store):
    anna = UserFactory(username="anna")

    replays.save(store, Settings("America/Los_Angeles", False), anna)

    assert last("settings").changes == [["timezone", "UTC", "America/Los_Angeles"]]
    assert last("settings").user == "anna"


def test_rights_are_noted_as_they_are_given_and_taken(admin_client):
    shipper, manager = Group.objects.get_or_create(name="shipper")[0], None
    manager = Group.objects.get_or_create(name="manager")[0]
    anna = UserFactory(username="anna")
    anna.groups.add(shipper)
    url = reverse("admin:auth_user_change", args=[anna.pk])
    form = filled_in(admin_client.get(url).content.decode())

    admin_client.post(
        url,
        form
        | {
            "groups": [str(manager.pk)],
            "is_superuser": "on",
            "email": "a@example.com",
        },
    )

    noted = last("rights")
    assert noted.about == "anna"
    assert noted.changes == [
        ["email", "", "a@example.com"],
        ["is_superuser", False, True],
        ["groups", "shipper", ""],
        ["groups", "", "manager"],
    ]


def test_a_superuser_that_the_terminal_makes_is_noted(monkeypatch):
    monkeypatch.setattr("sys.argv", ["manage.py", "createsuperuser"])
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    there = UserFactory(is_superuser=True)

    call_command("createsuperuser", username="eve", email="", interactive=False)

    noted = last("rights")
    assert noted.about == "eve"
    assert noted.user.startswith("manage.py createsuperuser")
    assert ["is_superuser", None, True] in noted.changes
    assert not AuditEntry.objects.filter(about=str(there)).exists()


def test_a_group_and_who_is_deleted_are_noted(admin_client):
    may = Permission.objects.get(codename="export_orders")
    admin_client.post(
        reverse("admin:auth_group_add"), {"name": "Night", "permissions": [may.pk]}
    )
    group, anna = Group.objects.get(name="Night"), UserFactory(username="anna")
    given = last("rights").changes
    admin_client.post(
        reverse("admin:auth_user_delete", args=[anna.pk]), {"post": "yes"}
    )
    admin_client.post(
        reverse("admin:auth_group_changelist"),
        {"action": "delete_selected", "_selected_action": group.pk, "post": "yes"},
    )

    assert given == [
        ["name", None, "Night"],
        ["permissions", "", "orders.export_orders"],
    ]
    gone, group_gone = AuditEntry.objects.order_by("pk")[1:]
    assert (gone.about, group_gone.about) == ("anna", "Night")
    assert ["username", "anna", None] in gone.changes
    assert not User.objects.filter(username="anna").exists()


def test_an_export_is_noted_with_its_filter_and_its_rows_but_not_with_a_name(
    admin_client,
):
    OrderFactory(customer_name="Wilhelmina")
    OrderFactory()
    url = reverse("admin:orders_order_changelist") + "export/"

    admin_client.post(
        f"{url}?view=all&q=wilhelmina", {"what": "orders", "format": "csv"}
    )

    noted = last("exported")
    assert noted.about.startswith("orders-")
    assert noted.text == "1 rows, filtered by view=all, q=…."


def test_a_file_that_a_command_or_a_job_makes_is_noted(admin_client, tmp_path):
    OrderFactory()
    call_command("export_orders", str(tmp_path / "all.csv"))

    admin_client.get(reverse("admin:orders_job_file", args=[1]))

    assert last("exported").text == "1 rows."
    assert AuditEntry.objects.filter(kind="exported", about="all.csv").exists()


def test_nobody_changes_an_entry_not_even_a_superuser(admin_client):
    one = entry(about="120")
    url = reverse("admin:backoffice_auditentry_change", args=[one.pk])

    answers = [
        admin_client.get(url).status_code,
        admin_client.post(url, {"about": "121"}).status_code,
        admin_client.post(url.replace("change", "delete"), {"post": "yes"}).status_code,
        admin_client.get(reverse("admin:backoffice_auditentry_add")).status_code,
    ]

    assert answers == [200, 403, 403, 403]
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.update(about="121")
    with pytest.raises(DatabaseError), transaction.atomic():
        one.save()
    one.refresh_from_db()
    assert one.about == "120"


@pytest.mark.parametrize("name", ["viewer", "shipper", "manager"])
def test_no_group_sees_the_audit_until_it_is_given(client, name):
    entry(about="120")
    anna = UserFactory()
    anna.groups.add(Group.objects.get_or_create(name=name)[0])
    client.force_login(anna)
    refused = client.get(LIST).status_code
    anna.user_permissions.add(Permission.objects.get(codename="view_auditentry"))

    assert refused == 403
    assert client.get(LIST).status_code == 200
    assert LIST in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize(("days", "kept"), [(730, 0), (800, 1), (0, 1)])
def test_an_entry_is_kept_as_long_as_the_setting_says(settings, days, kept):
    settings.AUDIT_RETENTION_DAYS = days
    entry()

    pruning.prune(clock.now() + timedelta(days=731))

    assert AuditEntry.objects.count() == kept


@pytest.fixture
def three(admin_client) -> Client:
    store = StoreFactory(name="Main")
    entry(about="120", by="anna", store_key=store.pk)
    entry(about="Main", by="ben", kind=Kind.SETTINGS, changes=[("phone", "", "5")])
    entry(about="orders.csv", by="anna", kind=Kind.EXPORTED)
    return admin_client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"120", "Main", "orders.csv"}),
        ("kind__exact=settings", {"Main"}),
        ("who=anna", {"120", "orders.csv"}),
        ("q=ben", {"Main"}),
        ("q=120", {"120"}),
        ("q=10.0.0.1", set()),
        ("at_from=2000-01-01&at_to=2000-02-01", set()),
    ],
)
def test_the_list_is_narrowed(three, query, found):
    UserFactory(username="anna")
    listed = three.get(f"{LIST}?{query}").context["cl"].result_list

    assert {one.about for one in listed} == found


def test_the_list_is_narrowed_to_a_store(three):
    listed = three.get(f"{LIST}?store={Store.objects.get().pk}").context["cl"]

    assert [(one.about, one.store_name) for one in listed.result_list] == [
        ("120", "Main")
    ]


def test_who_is_limited_to_a_store_sees_what_was_done_there(three, client):
    anna = staff(client, "view_auditentry")
    access.set_limit(anna, [Store.objects.get()])

    listed = client.get(LIST).context["cl"].result_list

    assert [one.about for one in listed] == ["120"]


def test_the_audit_is_exported_and_says_so(three):
    answer = three.post(f"{LIST}export/?who=ben", {"what": "audit", "format": "csv"})

    lines = answer.getvalue().decode().splitlines()
    assert len(lines) == 2
    assert lines[1].endswith(",settings,ben,,Main,,,phone:  → 5")
    assert last("exported").text == "1 rows, filtered by who=ben."


def test_a_million_entries_are_listed_by_index(admin_client):
    now = clock.now()
    AuditEntry.objects.bulk_create(
        AuditEntry(kind="shipped", user=f"u{n % 7}", about=str(n), store_key=n % 5)
        for n in range(3000)
    )
    count_rows()
    day = (now + timedelta(days=1)).date().isoformat()
    for query in (
        "",
        "kind__exact=exported",
        "who=u3",
        "store=4",
        "q=77",
        f"at_to={day}",
    ):
        with CaptureQueriesContext(connection) as done:
            admin_client.get(f"{LIST}?{query}")
        asked = [
            one["sql"]
            for one in done
            if 'ORDER BY "backoffice_auditentry' in one["sql"]
        ]
        for sql in asked:
            with connection.cursor() as cursor:
                kind = "QUERY PLAN " if connection.vendor == "sqlite" else ""
                if not kind:
                    # A few rows are read whole all the same where they may be.
                    cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute(f"EXPLAIN {kind}{sql}")
                plan = str(cursor.fetchall())
            assert "SCAN backoffice_auditentry'" not in plan, query
            assert "Seq Scan on backoffice_auditentry" not in plan, query
        assert asked, query
