"""What is stored in one language is read in another."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation

from backoffice.kit.sentences import MARK, Sentence, joined, read
from orders import history, importing, notifying, shipping
from orders.models import ImportProblem, ImportRun, Order, OrderEvent, Shipment
from stores.models import Store
from tests.factories import OrderFactory
from tests.support.order_pages import NUMBER

pytestmark = pytest.mark.django_db
PAID = "Order %(order)s is not paid yet (%(word)s)."
AGAIN = "The next import tries again."


def test_a_sentence_is_read_in_the_language_of_whoever_looks():
    kept = (Sentence(PAID) % {"order": "7", "word": "pending"}).kept

    with translation.override("fr"):
        text = read(kept)

    assert read(kept) == "Order 7 is not paid yet (pending)."
    assert text == "La commande 7 n’est pas encore payée (pending)."


def test_a_sentence_within_a_sentence_is_read_so_too():
    inner = Sentence(PAID, {"order": 7, "word": "100 %(x)s"})
    both = joined([inner, Sentence(AGAIN)], by="\n")

    with translation.override("fr"):
        first, second = read(both.kept).splitlines()

    assert both == f"{inner}\n{AGAIN}"
    assert first == "La commande 7 n’est pas encore payée (100 %(x)s)."
    assert second == "Le prochain import fera une nouvelle tentative."
    assert joined([]) == ""


def test_what_people_write_is_no_sentence():
    order = OrderFactory()
    mischief = MARK + '["%(x)s", {}]'

    history.record(order, OrderEvent.Kind.NOTE, text=mischief)

    assert OrderEvent.objects.get().text == mischief.removeprefix(MARK)


def test_what_was_stored_as_text_stays_as_it_is():
    run = ImportRun.objects.create(store=OrderFactory().store, error="Broken.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT error FROM orders_importrun")
        assert cursor.fetchall() == [("Broken.",)]

    with translation.override("fr"):
        run.refresh_from_db()

    assert run.error == "Broken."


def test_saving_a_row_that_was_read_keeps_its_sentence(store, tophatter):
    tophatter.fault("500", times=None)
    importing.refresh_store(store)

    with translation.override("fr"):
        run = ImportRun.objects.get()
        in_french = run.error
        run.save()

    assert in_french.startswith("Tophatter")
    assert in_french.endswith("Le prochain import fera une nouvelle tentative.")
    assert ImportRun.objects.get().error.endswith(AGAIN)
    with translation.override("fr"):
        assert Store.objects.get().connection_error == in_french


def test_staff_read_in_french_what_an_english_worker_found(
    client, admin_user, store, tophatter
):
    tophatter.add_order(address1=None, city=None)
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = shipping.ship_order(
        Order.objects.get(), carrier="USPS", tracking_number=NUMBER
    )
    tophatter.fault("422", on="orders/fulfill")
    notifying.send_tracking(shipment)
    client.force_login(admin_user)
    client.cookies["django_language"] = "fr"

    to_do = client.get(reverse("admin:orders_order_work")).content.decode()
    order = reverse("admin:orders_order_change", args=[shipment.order_id])
    told = client.get(order).content.decode()

    assert "n’a pas d’adresse de livraison" in to_do
    assert "has no ship-to address" not in to_do
    assert "Tophatter a refusé" in told
    with translation.override("en"):
        assert "has no ship-to address" in ImportProblem.objects.get().message
        assert "refused" in Shipment.objects.get().notification_error
