"""Who may what: each address, step and button, walked as each kind of person.

What they may is in the tables of `tests/support/rights.py`; what the walk finds and
they do not say, fails.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone as clock

from orders.work import figures
from tests.factories import UserFactory
from tests.support.every_page import Page, every_action, every_page
from tests.support.groups import make_groups
from tests.support.one_of_each import filled_in, one_of_each
from tests.support.rights import (
    ANYONE,
    GROUPS,
    NOBODY,
    NOT_TAKEN,
    OWNER,
    STAFF,
    STEPS,
    NobodyHasSaid,
    needs,
    needs_for,
)
from tests.support.ways_on import name_of, ways_of

PEOPLE = ["anonymous", "without rights", *GROUPS, "superuser"]
# What the walk's posts do for who may: it would see a missing check of these.
DONE = {
    "account",
    "auth_user_delete",
    "auth_group_delete",
    "orders_importrun_run_here",
    "orders_job_stop",
    "orders_order_ship",
    "orders_order_ship_grid",
    "orders_order_slips",
    "orders_order_hold_order",
    "orders_order_release",
    "orders_order_send",
    "orders_order_note",
    "orders_order_assign",
    "orders_order_email",
    "orders_order_import_now",
    "orders_order_import_again",
    "orders_shipment_correct",
    "orders_shipment_send",
    "orders_sending_ask",
    "orders_trackingfile_columns",
    "orders_trackingfile_take",
    "stores_store_import_orders",
    "stores_store_replace_token",
    "stores_store_disconnect_store",
    "stores_store_change",
}
# Which name in their address the orders they are about.
OF_CHOSEN = [
    "admin:orders_order_slips",
    "admin:orders_order_pick_list",
    "admin:orders_order_ship_grid",
]
# Fields that other forms call alike, and mean otherwise.
OWN_FIELDS = {
    "admin:orders_trackingfile_columns": {
        "carrier": "1",
        "tracking_number": "2",
        "shipped_at": "",
        "default_carrier": "USPS",
    }
}
# Sessions, and what pages count, which looking at one may write.
NO_MATTER = ("backoffice_usersession", "orders_storefigure", "orders_storechange")

pytestmark = pytest.mark.django_db


class Person:
    """Somebody of a kind, with a browser."""

    def __init__(self, kind: str, client) -> None:
        self.kind, self.client = kind, client
        self.has_signed_in = kind != "anonymous"
        if self.has_signed_in:
            user = UserFactory(username=kind, is_superuser=kind == "superuser")
            user.groups.set(Group.objects.filter(name=kind))
            client.force_login(user)
        self.cookies = client.cookies.output(header="")

    def may(self, need: str) -> bool:
        if need in {NOBODY, NOT_TAKEN}:
            return False
        if need in {ANYONE, STAFF}:
            return self.has_signed_in or need == ANYONE
        return self.kind == "superuser" or need in GROUPS.get(self.kind, ())

    def ask(self, method: str, url: str, fields: dict) -> HttpResponse:
        """Ask as one who has just signed in: an address may sign him out."""
        self.client.cookies.clear()
        self.client.cookies.load(self.cookies)
        return getattr(self.client, method)(url, fields if method == "post" else None)


@pytest.fixture
def rows(store):
    make_groups()
    return one_of_each(store)


@contextmanager
def writing() -> Iterator[list[str]]:
    """Note what is written, or is to be done by the queue, and undo it."""
    found: list[str] = []

    def note(execute, sql, params, many, context):
        word, _, rest = sql.partition(" ")
        is_write = word in {"INSERT", "UPDATE", "DELETE"}
        if is_write and not any(table in rest for table in NO_MATTER):
            found.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            yield found
            found += [str(one[1]) for one in connection.run_on_commit]
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("kind", PEOPLE)
def test_everybody_gets_what_he_may_and_nothing_else(
    client, rows, tophatter, kind, caplog
):
    caplog.set_level(logging.CRITICAL, "django.request")
    person, fields = Person(kind, client), filled_in(rows, tophatter.add_account())
    # Kept, so that not each page has to count: what it would keep is undone.
    figures.keep_all(clock.now() + timedelta(seconds=30))

    wrong, done = walk_pages(person, rows, fields)
    wrong_steps, taken = walk_steps(person, rows, fields)

    assert not wrong + wrong_steps, "\n".join(wrong + wrong_steps)
    assert {name for name in DONE if person.may(needs(name)[1])} - done == set()
    assert {name for name, need in STEPS.items() if person.may(need)} - taken == set()


def walk_pages(person: Person, rows, fields: dict) -> tuple[list[str], set[str]]:
    """Open and post to each address; return what went wrong, and what was done."""
    queries = dict.fromkeys(OF_CHOSEN, f"?orders={fields['orders']}")
    wrong, done = [], set()
    for page in every_page(rows):
        is_first = not page.row or page.row == rows[type(page.row)][0]
        if not is_first and not any(map(person.may, needs(page.name))):
            continue
        url = page.url + queries.get(page.name, "")
        for method, need in zip(("get", "post"), needs(page.name), strict=True):
            with writing() as written:
                own = OWN_FIELDS.get(page.name, {})
                answer = person.ask(method, url, fields | own)
            if written and method == "post":
                done.add(page.name.removeprefix("admin:"))
            if trouble := what_is_wrong(person, need, answer, written):
                wrong.append(f"{method} {url} ({page.name}) needs {need}: {trouble}")
            if method == "get" and person.has_signed_in:
                wrong += dead_ends(person, page, answer)
    return wrong, done


def walk_steps(person: Person, rows, fields: dict) -> tuple[list[str], set[str]]:
    """Take each step of each list; return what went wrong, and what was taken."""
    wrong, taken = [], set()
    for step in every_action():
        with writing() as written:
            keys = [one.pk for one in rows[step.model]]
            answer = person.ask("post", step.url, fields | step.data(keys))
        # Otherwise it is the list once more.
        leads_on = answer.status_code == 302 and not answer["Location"].startswith(
            (step.url, reverse("admin:login"))
        )
        asks = answer.status_code == 200 and "cl" not in answer.context_data
        if written or leads_on or asks:
            taken.add(step.name)
            if not person.may(needs_for(step)):
                wrong.append(f"{step.name} at {step.url} was taken all the same")
    return wrong, taken


def what_is_wrong(
    person: Person, need: str, answer: HttpResponse, written: list[str]
) -> str:
    """Return what the answer should not be, in words; nothing when all is well."""
    status, there = answer.status_code, answer.get("Location", "")
    is_sent_away = there.startswith(f"{reverse('admin:login')}?next=")
    if written and not person.may(need):
        return f"wrote all the same: {written[0][:60]}"
    if need == ANYONE or person.may(need):
        # 503 is how the health checks say that no worker runs.
        is_refused = is_sent_away or status in {403, 405, 500}
        return f"answered {status} {there}" if is_refused else ""
    if not person.has_signed_in:
        is_right = is_sent_away or (need == NOT_TAKEN and status in {302, 405})
        return "" if is_right else f"answered {status}, not by the sign-in page"
    right = {NOT_TAKEN: 405, OWNER: 404}.get(need, 403)
    return "" if status == right else f"answered {status}, not {right}"


def dead_ends(person: Person, page: Page, answer: HttpResponse) -> list[str]:
    """Return in words which ways on a page shows that are closed to the person."""
    ways, steps = ways_of(page.url, answer)
    wrong = [
        f"{page.url} shows {method} {url}, which needs {need}"
        for method, url in ways
        if not person.may(need := needs(name_of(url))[method == "post"])
    ]
    if answer.status_code == 200 and page.name.endswith("_changelist"):
        here = [one for one in every_action() if one.url.startswith(page.url)]
        may = {one.name for one in here if person.may(needs_for(one))}
        if steps != may:
            wrong.append(f"{page.url} shows {sorted(steps)}, not {sorted(may)}")
    return wrong


def permissions_of(name: str) -> set[str]:
    return {
        f"{app}.{codename}"
        for app, codename in Group.objects.get(name=name).permissions.values_list(
            "content_type__app_label", "codename"
        )
    }


def test_each_group_has_its_permissions_and_no_others():
    make_groups()

    assert {name: permissions_of(name) for name in GROUPS} == GROUPS
    assert GROUPS["viewer"] < GROUPS["shipper"] < GROUPS["manager"]


def test_the_migration_keeps_what_an_administrator_added():
    make_groups()
    extra = Permission.objects.get(codename="view_user")
    viewers = Group.objects.get(name="viewer")
    viewers.permissions.add(extra)

    make_groups()

    assert extra in viewers.permissions.all()
    assert Group.objects.filter(name__in=GROUPS).count() == 3


def test_permissions_and_groups_are_made_again_when_rows_are_lost():
    Group.objects.all().delete()
    ours = ["stores", "orders"]
    Permission.objects.filter(content_type__app_label__in=ours).delete()

    make_groups()

    assert permissions_of("manager") == GROUPS["manager"]


def test_an_address_that_nobody_has_entered_is_said():
    with pytest.raises(NobodyHasSaid, match=r"may open “orders_order_new”.*in PAGES"):
        needs("admin:orders_order_new")
