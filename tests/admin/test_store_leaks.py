"""No page tells a person of a store that he is kept from, and no post reaches it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import serializers
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone as clock

from orders.models import (
    ImportProblem,
    ImportRun,
    Job,
    Order,
    Sending,
    Shipment,
    TrackingFile,
    WorkMark,
)
from orders.work import figures
from orders.work.order_lists import LISTS
from stores import tokens
from stores.access import set_limit
from stores.models import Store
from tests.factories import OrderFactory
from tests.support.canaries import (
    KNOWN_ORDER,
    KNOWN_PARCEL,
    SHARED_ORDER,
    WORD,
    make_canaries,
)
from tests.support.every_page import Page, every_action, every_page, told_by
from tests.support.groups import member
from tests.support.order_pages import parcel, row

# What is typed in, which by itself tells nothing.
FOUND = (WORD[:-1], KNOWN_ORDER, KNOWN_PARCEL)
# What tells of all stores to somebody who is not limited.
TELLING = """
    index autocomplete backoffice_auditentry_change backoffice_auditentry_changelist
    orders_importproblem_change orders_importproblem_changelist
    orders_importproblem_history orders_importrun_change orders_importrun_changelist
    orders_importrun_history orders_importrun_progress
    orders_job_change orders_job_changelist orders_job_file orders_job_progress
    orders_order_accounting orders_order_accounting_file orders_order_accounting_rows
    orders_order_address orders_order_change orders_order_changelist
    orders_order_export orders_order_find orders_order_history orders_order_pick_list
    orders_order_ship orders_order_ship_grid orders_order_slips orders_order_work
    orders_sending_change orders_sending_progress
    orders_shipment_change orders_shipment_changelist orders_shipment_correct
    orders_shipment_history orders_trackingfile_change orders_trackingfile_changelist
    orders_trackingfile_refused orders_trackingfile_upload
    stores_store_change stores_store_changelist stores_store_history
    stores_store_mail stores_store_replay stores_store_words_of_status
"""


SHIPPER = pytest.param("shipper", marks=[pytest.mark.slow, pytest.mark.sweep])


@pytest.fixture(params=[SHIPPER, "manager"])
def person(request, store):
    """Somebody kept to one store, who worked on all of them before."""
    user = member(request.param, email="me@example.com")
    reads_the_audit = Permission.objects.get(codename="view_auditentry")
    user.user_permissions.add(reads_the_audit)
    return user


@pytest.fixture
def canaries(person, store):
    """The rows of other stores, whose every text says the word."""
    rows = make_canaries(person)
    set_limit(person, [store])
    return rows


@pytest.fixture
def own(store) -> dict[type[Model], list[Any]]:
    """Rows of the store that may be seen."""
    now = clock.now()
    waiting = OrderFactory(store=store, marketplace_order_id=SHARED_ORDER)
    shipped = OrderFactory(store=store, has_shipment=True)
    shipment = Shipment.objects.create(
        order=shipped,
        carrier="USPS",
        tracking_number="9400111899562173406600",
        shipped_at=now,
        notification="not_sent",
        not_sent_because="store",
    )
    problem = ImportProblem.objects.create(
        store=store,
        marketplace_order_id="77",
        kind="unreadable",
        first_seen_at=now,
        last_seen_at=now,
    )
    run = ImportRun.objects.create(store=store, window_start=now, window_end=now)
    return {
        Store: [store],
        Order: [waiting, shipped],
        Shipment: [shipment],
        ImportProblem: [problem],
        ImportRun: [run],
    }


def questions(canaries) -> dict[str, list[dict[str, Any]]]:
    """Return what each page is asked beside nothing, by the end of its name."""
    store = canaries[Store][-1]
    of_store = {"store__id__exact": store.pk, "order__store__id__exact": store.pk}
    return {
        "order_changelist": [
            *({"view": name} for name in LISTS),
            *({"view": "all", "q": words} for words in FOUND),
            {"view": "all", "store__id__exact": store.pk},
            {"view": "all", "problem": "yes"},
            {"view": "all", "carrier": "USPS", "sku": "kanari"},
        ],
        "shipment_changelist": [
            *({"q": words} for words in FOUND),
            {"problem": "yes"},
            {"order__store__id__exact": store.pk},
        ],
        "importproblem_changelist": [{"state": "all"}, {"q": KNOWN_ORDER}],
        "_changelist": [{name: value} for name, value in of_store.items()],
        "order_find": [{"q": one} for one in (KNOWN_ORDER, SHARED_ORDER, KNOWN_PARCEL)]
        + [{"q": KNOWN_ORDER, "live": 1}],
        "accounting_rows": [{"store": store.pk, "outcome": "seen"}],
        "accounting_file": [{"store": store.pk, "what": "differences"}],
        "order_work": [{"show": "mine"}, {"show": "snoozed"}],
        "search": [{"s": WORD[:-1], "extended": 1}],
        "autocomplete": [
            {
                "app_label": "orders",
                "model_name": model,
                "field_name": field,
                "term": WORD[:-1],
            }
            for model, field in (("order", "store"), ("shipment", "order"))
        ],
    }


def pages(canaries, own) -> Iterator[Page]:
    """Yield each address, for a row of other stores and for all of one's own."""
    models = {*canaries, *own}
    yield from every_page(
        {one: [*canaries.get(one, [])[-1:], *own.get(one, [])] for one in models}
    )


def asked(canaries, own) -> Iterator[tuple[Page, dict[str, Any]]]:
    """Yield each address with each thing that it can be asked."""
    ends = questions(canaries)
    for page in pages(canaries, own):
        if page.name.endswith("logout"):
            continue
        yield page, {}
        found = [ends[end] for end in ends if page.name.endswith(end)]
        for query in found[0] if found else [named(canaries, own)]:
            yield page, query


def unknown_status(canaries) -> Order:
    """Return the order of another store that To do names for its status."""
    state = "needs_review"
    return next(one for one in canaries[Order] if one.marketplace_state == state)


def named(canaries, own) -> dict[str, Any]:
    """Return what names rows of other stores to any page or step."""
    orders = [*canaries[Order], *own[Order]]
    return {
        "orders": ",".join(str(one.pk) for one in orders),
        "store": canaries[Store][-1].pk,
        "shipment": [one.pk for one in canaries[Shipment]],
        "kind": "review",
        "cause": unknown_status(canaries).pk,
        "what": "orders",
        "format": "csv",
        "as": "pdf",
    }


def leak(answer) -> str:
    """Return what an answer tells around the word, nothing where it does not say it."""
    text = told_by(answer)
    place = text.lower().find(WORD.lower())
    return text[max(0, place - 80) : place + 40] if place >= 0 else ""


def walk(client, canaries, own) -> list[tuple[str, dict[str, Any], str]]:
    """Look at all there is, and return where something of other stores is told."""
    told = []
    others = {(type(one), one.pk) for found in canaries.values() for one in found}
    for page, query in asked(canaries, own):
        answer = client.get(page.url, query)
        is_of_others = page.row and (type(page.row), page.row.pk) in others
        is_shown = is_of_others and answer.status_code == 200
        if found := leak(answer):
            told.append((page.name, query, found))
        elif is_shown and not is_for_any_key(client, page):
            told.append((page.name, query, "It is there."))
    return told


def is_for_any_key(client, page: Page) -> bool:
    """Whether a dialog asks before it looks whether there is such a row."""
    nowhere = page.url.replace(f"/{page.row.pk}/", "/999999999/")
    return client.get(nowhere).status_code == 200


@pytest.mark.sweep
def test_no_page_tells_of_another_store(client, person, canaries, own):
    client.force_login(person)

    assert walk(client, canaries, own) == []


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("person", ["manager"], indirect=True)
def test_the_same_pages_tell_somebody_who_is_not_limited(client, person, canaries, own):
    """What shows that the walk above would see a missing limit."""
    set_limit(person, None)
    client.force_login(person)

    told = {name.removeprefix("admin:") for name, *_more in walk(client, canaries, own)}

    assert [one for one in TELLING.split() if one not in told] == []


def rows_of(canaries) -> dict[str, str]:
    """Return what is stored of other stores, each model's rows as one text."""
    return {
        model.__name__: serializers.serialize(
            "json", model._base_manager.filter(pk__in=[one.pk for one in found])
        )
        for model, found in canaries.items()
    }


def posted(canaries, own) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a post to each address, and each step of each list with foreign rows."""
    fields = parcel(
        **named(canaries, own),
        tracking_number=KNOWN_PARCEL,
        reason="Because",
        until=(clock.localdate() + timedelta(days=1)).isoformat(),
        access_token=tokens.decrypt(canaries[Store][0].token_ciphertext).reveal(),
        text="A note",
        to="me",
        step="take",
        post="yes",
        ship_to_name="Jane",
    )
    for order in [*canaries[Order], *own[Order]]:
        fields |= row(order, "USPS", KNOWN_PARCEL)
    for page in pages(canaries, own):
        if not page.name.endswith(("logout", "password_change")):
            yield page.url, fields
    for action in every_action(["orders", "stores"]):
        keys = [one.pk for one in canaries.get(action.model, [])]
        yield action.url, fields | action.data(keys)


def post_all(client, person, canaries, own) -> list[tuple[str, str]]:
    """Take every step there is, and return where something of other stores is told."""
    told = []
    for url, data in posted(canaries, own):
        # Some of the posts end the session.
        client.force_login(person)
        if found := leak(client.post(url, data)):
            told.append((url, found))
    return told


@pytest.mark.sweep
def test_no_post_reaches_or_tells_of_another_store(client, person, canaries, own):
    before = rows_of(canaries)

    told = post_all(client, person, canaries, own)

    assert told == []
    # What was said of steps waits for a page that shows it.
    assert leak(client.get(reverse("admin:index"))) == ""
    assert rows_of(canaries) == before
    assert not WorkMark.objects.filter(cause=unknown_status(canaries).pk).exists()


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("person", ["manager"], indirect=True)
def test_the_same_posts_reach_them_without_a_limit(client, person, canaries, own):
    set_limit(person, None)
    before = rows_of(canaries)

    told = post_all(client, person, canaries, own)

    after = rows_of(canaries)
    changed = {name for name in before if after[name] != before[name]}
    assert len(told) > 50
    assert changed >= {"Store", "Order", "Sending", "ImportRun", "TrackingFile"}
    assert WorkMark.objects.filter(cause=unknown_status(canaries).pk).exists()


# What each answer has of its own: its token, the time, the last line of any history.
OWN = re.compile(
    r'value="\w{64}"|nonce="[^"]+"|datetime="[^"]+"|title="[\d :-]+UTC"|\d+:\d+'
    r'|seen_event" value="\d+"'
)


def as_shown(client) -> dict[str, str]:
    """Return what pages with numbers show."""
    lists = ["order", "shipment", "importrun", "importproblem", "job", "trackingfile"]
    names = [*(f"orders_{one}_changelist" for one in lists), "stores_store_changelist"]
    names += ["index", "orders_order_work", "orders_order_accounting"]
    urls = [reverse(f"admin:{name}") for name in names]
    for name in ("orders_order_find", "orders_order_changelist"):
        url = reverse(f"admin:{name}")
        urls += [f"{url}?q={number}" for number in (KNOWN_ORDER, KNOWN_PARCEL)]
    return {url: OWN.sub("", client.get(url).content.decode()) for url in urls}


def test_numbers_are_as_if_there_were_no_other_store(client, person, canaries, own):
    client.force_login(person)

    beside = as_shown(client)
    for model in (Shipment, Order, Store, TrackingFile, Job, Sending):
        model.objects.filter(pk__in=[one.pk for one in canaries[model]]).delete()
    figures.forget()
    alone = as_shown(client)

    assert [url for url in alone if alone[url] != beside[url]] == []
