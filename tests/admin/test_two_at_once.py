"""Two people at one logo, and at one sending: neither is overwritten in silence."""

from functools import partial
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from stores.models import Logo
from tests.factories import StoreFactory
from tests.support.forms import filled_in
from tests.support.sendings import NUMBERS, ODD, begin, ship_unsent, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def settings_page() -> str:
    return reverse("admin:stores_store_change", args=[StoreFactory().pk])


@pytest.fixture
def ship(store, tophatter):
    return partial(ship_unsent, store, tophatter)


def logo(colour: str) -> SimpleUploadedFile:
    kept = BytesIO()
    Image.new("RGB", (4, 4), colour).save(kept, "PNG")
    return SimpleUploadedFile("logo.png", kept.getvalue())


def kept_logo() -> bytes:
    return bytes(Logo.objects.get().image)


@pytest.mark.parametrize("theirs_first", [True, False])
def test_a_logo_on_top_of_a_newer_one_is_asked_again(
    admin_client, ada, settings_page, theirs_first
):
    if theirs_first:
        first = filled_in(ada.get(settings_page).text)
        ada.post(settings_page, first | {"logo": logo("black")})
    mine = admin_client.get(settings_page).text
    theirs = filled_in(ada.get(settings_page).text)
    ada.post(settings_page, theirs | {"logo": logo("red")})
    saved = kept_logo()

    asked = admin_client.post(settings_page, filled_in(mine) | {"logo": logo("blue")})
    still = kept_logo()
    again = filled_in(asked.text) | {"logo": logo("blue")}
    answer = admin_client.post(settings_page, again)

    assert "ada has changed the logo meanwhile" in asked.text
    assert saved == still == logo("red").read()
    assert answer.status_code == 302
    assert kept_logo() == logo("blue").read()


def test_a_newer_logo_is_not_removed_unseen(admin_client, ada, settings_page):
    first = filled_in(ada.get(settings_page).text) | {"logo": logo("black")}
    ada.post(settings_page, first)
    mine = admin_client.get(settings_page).text
    ada.post(settings_page, filled_in(mine) | {"logo": logo("red")})

    asked = admin_client.post(settings_page, filled_in(mine, remove_logo="on"))
    other = admin_client.post(settings_page, filled_in(mine, phone="555"))

    assert "ada has changed the logo meanwhile" in asked.text
    assert kept_logo() == logo("red").read()
    assert other.status_code == 302


def test_who_confirms_a_sending_second_is_told_of_the_first(admin_client, ada, ship):
    ship(NUMBERS[0], ODD)
    one = begin()
    amber = one.lines.get(look="amber")
    confirm = reverse("admin:orders_sending_confirm", args=[one.pk])
    ada.post(confirm)

    reason = {f"reason-{amber.pk}": "It is right"}
    second = admin_client.post(confirm, reason, follow=True)
    third = ada.post(confirm, follow=True)
    work_off()

    amber.refresh_from_db()
    assert "ada has confirmed this sending already" in second.text
    assert "The reasons that you typed are not used." in second.text
    assert not amber.is_sent
    assert "has confirmed this sending already" not in third.text


def test_reasons_stay_while_somebody_else_looks_again(admin_client, ada, ship):
    ship(ODD)
    one = begin()
    amber = one.lines.get()
    ada.post(reverse("admin:orders_sending_look_again", args=[one.pk]))

    confirm = reverse("admin:orders_sending_confirm", args=[one.pk])
    answer = admin_client.post(confirm, {f"reason-{amber.pk}": "Right"}, follow=True)

    amber.refresh_from_db()
    assert "The last look is not over yet." in answer.text
    assert amber.reason == "Right"
