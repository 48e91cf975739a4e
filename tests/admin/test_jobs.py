"""The page of a job: how far it is, who may see it, and the file it hands over."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.kit.admin import row_url
from orders import jobs
from orders.admin import exports
from orders.admin.orders import documents
from orders.models import Job, Order, PackingSlip
from tests.factories import OrderFactory, StoreFactory
from tests.support import papers
from tests.support.order_pages import staff

EXPORT = "admin:orders_order_export"
STEPS = ["progress", "stop", "go_on", "here", "file"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(monkeypatch) -> list[str]:
    """More orders than leave at once, and their numbers in the list's order."""
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 5)
    OrderFactory.create_batch(6, store=StoreFactory())
    return list(Order.objects.values_list("marketplace_order_id", flat=True))


def export(client, kind: str = "csv"):
    return client.post(reverse(EXPORT), {"what": "orders", "format": kind})


def step(job: Job, name: str) -> str:
    return reverse(f"admin:orders_job_{name}", args=[job.pk])


def finish(job: Job) -> None:
    jobs.work_on(job, clock.now() + timedelta(minutes=5))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_list_leaves_through_a_job(admin_client, many, kind):
    page = admin_client.get(reverse(EXPORT)).content.decode()
    answer = export(admin_client, kind)
    job = Job.objects.get()
    waiting = admin_client.get(answer.url).content.decode()
    too_early = admin_client.get(step(job, "file"))
    finish(job)
    done = admin_client.get(step(job, "progress")).content.decode()
    file = admin_client.get(step(job, "file"))

    assert "Orders: more than 5" in page
    assert answer.url == row_url(job)
    assert "0 of 6 done." in waiting
    assert "hx-get" in waiting
    assert step(job, "file") not in waiting
    assert too_early.status_code == 302
    assert "6 of 6 done." in done
    assert "hx-get" not in done
    assert step(job, "file") in done
    assert f'filename="orders-{clock.localdate()}.{kind}"' in str(file.headers)
    content = b"".join(file.streaming_content)
    if kind == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        # What has waited longest is listed first.
        assert [line.split(",")[1] for line in lines[1:]] == many[::-1]
    else:
        assert content.startswith(b"PK")


def test_a_short_list_leaves_at_once(admin_client, many):
    Order.objects.last().delete()

    answer = export(admin_client)

    assert answer.streaming
    assert not Job.objects.exists()


def test_a_job_is_nobody_elses(client, many):
    staff(client, "view_order", "export_orders")
    export(client)
    job = Job.objects.get()
    finish(job)
    mine = client.get(row_url(job)), client.get(step(job, "file"))
    listed = client.get(reverse("admin:orders_job_changelist")).content.decode()
    staff(client, "view_order", "export_orders")

    others = [client.post(step(job, name)).status_code for name in STEPS]
    page = client.get(row_url(job))
    file = client.get(step(job, "file"))
    their_list = client.get(reverse("admin:orders_job_changelist")).content.decode()

    assert [answer.status_code for answer in mine] == [200, 200]
    assert "Export: Orders (CSV)" in listed
    assert set(others) == {404}
    assert (page.status_code, file.status_code) == (302, 404)
    assert "Export: Orders (CSV)" not in their_list


def test_who_may_not_export_any_more_gets_no_file(client, many):
    user = staff(client, "view_order", "export_orders")
    export(client)
    job = Job.objects.get()
    finish(job)
    user.user_permissions.clear()

    answer = client.get(step(job, "file"))

    assert answer.status_code == 302
    assert step(job, "file") not in client.get(row_url(job)).content.decode()


NEEDED = {
    Job.Kind.EXPORT: ["view_order", "export_orders"],
    Job.Kind.REPLAY: ["change_store"],
    Job.Kind.UNDO: ["change_store"],
    Job.Kind.TRACKING_FILE: ["ship_order"],
    Job.Kind.SLIPS: ["ship_order"],
}
FACTS = {"list": "order", "what": "orders", "format": "csv", "name": "Main"}
FACTS |= {"rows": 0, "slips": 0, "paper": "a4", "file": 1, "store": 1, "replay": 1}


@pytest.mark.parametrize("kind", Job.Kind)
@pytest.mark.parametrize("name", ["go_on", "here"])
def test_who_lost_the_right_has_no_job_go_on(client, kind, name):
    user = staff(client, *NEEDED[kind])
    job = Job.objects.ask(kind, FACTS, [1, 2], user)
    stopped_at = clock.now() if name == "go_on" else None
    Job.objects.update(finished_at=stopped_at, stop_asked_at=stopped_at)
    before = client.get(row_url(job)).content.decode()
    user.user_permissions.remove(Permission.objects.get(codename=NEEDED[kind][-1]))

    answer = client.post(step(job, name))
    after = client.get(row_url(job)).content.decode()

    job.refresh_from_db()
    assert answer.status_code == 403
    assert (job.finished_at, job.done, job.attempts) == (stopped_at, 0, 0)
    assert step(job, name) in before
    assert step(job, name) not in after


def test_who_lost_the_right_still_stops_a_job(client):
    user = staff(client, "ship_order")
    job = Job.objects.ask(Job.Kind.SLIPS, FACTS, [1], user)
    user.user_permissions.clear()

    answer = client.post(step(job, "stop"))

    job.refresh_from_db()
    assert answer.url == row_url(job)
    assert job.stop_asked_at


def test_who_sees_the_list_no_more_has_no_export_of_it_go_on(client, many):
    user = staff(client, "view_order", "export_orders")
    export(client)
    job = Job.objects.get()
    user.user_permissions.remove(Permission.objects.get(codename="view_order"))

    answer = client.post(step(job, "here"))

    assert answer.status_code == 403
    assert Job.objects.get().done == 0


def test_a_superuser_sees_everybodys_jobs(client, admin_client, many):
    staff(client, "view_order", "export_orders")
    export(client)

    page = admin_client.get(row_url(Job.objects.get()))

    assert page.status_code == 200


def test_a_job_is_stopped_and_goes_on(admin_client, many):
    export(admin_client)
    job = Job.objects.get()

    admin_client.post(step(job, "stop"))
    stopped = admin_client.get(row_url(job)).content.decode()
    admin_client.post(step(job, "go_on"))
    admin_client.post(step(job, "here"))

    assert "Stopped" in stopped
    assert "What is done stays done." in stopped
    assert f'formaction="{step(job, "go_on")}"' in stopped
    assert Job.objects.get().is_complete


@pytest.mark.parametrize("name", ["stop", "go_on", "here"])
def test_nothing_changes_by_looking(admin_client, many, name):
    export(admin_client)

    assert admin_client.get(step(Job.objects.get(), name)).status_code == 405


def test_the_bar_is_as_long_as_the_work_done(admin_client, many):
    export(admin_client)
    Job.objects.update(done=3)

    text = admin_client.get(step(Job.objects.get(), "progress")).content.decode()

    assert re.search(r'role="progressbar" aria-valuenow="50"', text)
    assert '<rect width="50"' in text


def test_without_a_worker_the_page_goes_on_itself(admin_client, many):
    export(admin_client)
    job = Job.objects.get()

    text = admin_client.get(row_url(job)).content.decode()

    assert "The worker is not running" in text
    assert step(job, "here") in text


def test_the_list_costs_the_same_queries_however_long_it_is(admin_client):
    url = reverse("admin:orders_job_changelist")
    facts = {"store": 1, "replay": 1, "file": 1, "name": "Main"}
    facts |= {"list": "order", "what": "orders", "format": "csv"}
    costs = []
    for _ in range(3):
        for kind in Job.Kind:
            Job.objects.ask(kind, facts, [1], None)
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url)
        costs.append(len(queries))

    # The first page of a process asks for more.
    assert costs[1] == costs[2]


def test_many_slips_leave_through_a_job(admin_client, monkeypatch):
    monkeypatch.setattr(documents, "MOST_AT_ONCE", 5)
    client, count = Client(), 6
    OrderFactory.create_batch(count, store=StoreFactory())
    answer = papers.ask(admin_client, papers.SLIPS, *Order.objects.all())
    job = Job.objects.get()
    finish(job)

    paper = admin_client.get(step(job, "file"))
    job.asked_by = staff(client, "view_order")
    job.save(update_fields=["asked_by"])
    refused = client.get(step(job, "file"))

    assert answer["Location"] == refused["Location"] == row_url(job)
    assert paper["Content-Type"] == "application/pdf"
    assert len(papers.read(b"".join(paper)).pages) == count
    assert PackingSlip.objects.count() == count
