"""The page of the worker: whether it runs, and how it is started."""

from datetime import UTC, datetime

from django.core.management import get_commands
from django.urls import reverse

from backoffice.health import beat
from backoffice.models import Heartbeat
from backoffice.site import worker
from tests.support.order_pages import staff, words
from tests.support.programs import ROOT


def test_the_page_of_the_worker_says_when_it_was_last_seen(client, db, settings):
    settings.TIME_ZONE = "Europe/Paris"
    staff(client)
    assert "it has never been seen" in client.get(reverse("worker")).text
    Heartbeat.objects.create(
        name="worker", beat_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    )
    seen = "is not running; it was last seen at 01/02/2026 4:04 a.m. CET."
    assert seen in words(client.get(reverse("worker")).text)

    beat()

    answer = client.get(reverse("worker"))
    assert "The worker is running" in answer.text
    assert "manage.py qcluster" in answer.text


def test_the_page_of_the_worker_is_for_staff(client, db):
    answer = client.get(reverse("worker"))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))


def test_the_ways_to_start_the_worker_exist():
    commands = [command for way, commands in worker.WAYS for command in commands]
    compose = (ROOT / "compose.yaml").read_text()

    assert "run:" in (ROOT / "Makefile").read_text()
    assert (ROOT / "deploy/systemd/backoffice-worker.service").exists()
    assert "\n  worker:\n" in compose
    named = {
        get_commands()[name] for c in commands for name in c.split()[2:3] if ".py" in c
    }
    assert named == {"orders", "backoffice"}
