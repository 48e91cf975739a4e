"""What is stored in one language is read in another."""

import json

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone as clock
from django.utils import translation

from backoffice.kit.sentences import (
    BESIDE,
    MARK,
    FactsField,
    Sentence,
    SentenceField,
    SentenceQuerySet,
    joined,
    read,
)
from orders import history, importing, notifying, shipping
from orders.models import ImportProblem, ImportRun, Order, OrderEvent, Shipment
from stores.models import Store
from tests.factories import OrderFactory
from tests.support.commands import lines, run
from tests.support.order_pages import NUMBER

pytestmark = pytest.mark.django_db
PAID = "Order %(order)s is not paid yet (%(word)s)."
AGAIN = "The next import tries again."
ENCORE = "Le prochain import fera une nouvelle tentative."
UNPAID = "Order 7 is not paid yet (pending)."
IMPAYEE = "La commande 7 n’est pas encore payée (pending)."


def by_sql(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def refused(store, tophatter):
    """A shipment that the marketplace refuses, sent by somebody who reads French."""
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = shipping.ship_order(
        Order.objects.get(), carrier="USPS", tracking_number=NUMBER
    )
    tophatter.fault("422", on="orders/fulfill")
    with translation.override("fr"):
        notifying.send_tracking(shipment)
    return shipment


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
    tophatter.add_order(address1=None, city=None, postal_code=None)
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = shipping.ship_order(
        Order.objects.get(), carrier="USPS", tracking_number=NUMBER
    )
    tophatter.fault("422", on="orders/fulfill")
    notifying.send_tracking(shipment)
    client.force_login(admin_user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    to_do = client.get(reverse("admin:orders_order_work")).content.decode()
    order = reverse("admin:orders_order_change", args=[shipment.order_id])
    told = client.get(order).content.decode()

    assert "n’a pas d’adresse de livraison" in to_do
    assert "has no ship-to address" not in to_do
    assert "Tophatter a refusé" in told
    with translation.override("en"):
        assert "has no ship-to address" in ImportProblem.objects.get().message
        assert "refused" in Shipment.objects.get().notification_error


def test_a_row_holds_english_for_whoever_reads_it_by_sql(refused, client, admin_user):
    client.force_login(admin_user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    order = reverse("admin:orders_order_change", args=[refused.order_id])
    page = client.get(order).content.decode()
    ((text, facts),) = by_sql(
        "SELECT notification_error, notification_error_facts FROM orders_shipment"
    )
    ((told,),) = by_sql("SELECT text FROM orders_orderevent WHERE kind = 'refused'")

    assert "Tophatter a refusé" in page
    assert text.startswith("Tophatter refused")
    assert told == text
    assert json.loads(facts)["facts"]["marketplace"] == "Tophatter"


def test_json_of_a_command_is_english_in_every_language(refused, tophatter, capsys):
    tophatter.fault("422", on="orders/fulfill")

    with translation.override("fr"):
        run("send_tracking", "--retry-refused", "--json")
        tophatter.fault("500", times=None)
        run("import_orders", "--json")

    sent, imported = lines(capsys.readouterr().out)
    assert sent["error"].startswith("Tophatter refused")
    assert imported["error"].startswith("Tophatter has a problem")


def test_what_others_write_into_a_row_is_shown_as_it_is(refused):
    by_sql("UPDATE orders_shipment SET notification_error = 'Ask Ann.'")

    with translation.override("fr"):
        shipment = Shipment.objects.get()
        shown = shipment.notification_error
        shipment.save()

    assert shown == "Ask Ann."
    assert by_sql(
        "SELECT notification_error, notification_error_facts FROM orders_shipment"
    ) == [("Ask Ann.", None)]


def test_a_sentence_is_kept_however_the_row_is_written(store):
    sentence = Sentence(PAID, {"order": 7, "word": "pending"})
    order = OrderFactory(store=store)
    saved = history.record(order, OrderEvent.Kind.HELD, text=sentence)
    (made,) = OrderEvent.objects.bulk_create(
        [OrderEvent(order=order, kind="held", at=clock.now(), text=sentence)]
    )
    updated = history.record(order, OrderEvent.Kind.HELD, text="Nothing.")
    order.events.filter(pk=updated.pk).update(text=sentence)
    emptied = history.record(order, OrderEvent.Kind.HELD, text=sentence)
    OrderEvent.objects.filter(pk=emptied.pk).update(text="")

    with translation.override("fr"):
        texts = {event.pk: event.text for event in order.events.all()}

    assert texts == {
        saved.pk: IMPAYEE,
        made.pk: IMPAYEE,
        updated.pk: IMPAYEE,
        emptied.pk: "",
    }
    assert OrderEvent.objects.filter(text=UNPAID).count() == 3
    assert OrderEvent.objects.filter(text_facts__isnull=True).get() == emptied


def test_a_problem_that_changed_is_told_anew_in_every_language(store, tophatter):
    tophatter.add_order(address1=None, city=None, postal_code=None)
    importing.refresh_store(store)
    ImportProblem.objects.update(message=Sentence(AGAIN))

    importing.refresh_store(store)

    with translation.override("fr"):
        assert "n’a pas d’adresse" in ImportProblem.objects.get().message


def test_every_database_takes_a_sentence_whatever_is_said_of_it():
    order = OrderFactory()
    wild = "a\0b\ud800c" + MARK

    text = Sentence(PAID, {"order": wild, "word": Sentence(wild)})
    history.record(order, OrderEvent.Kind.HELD, text=text)

    with translation.override("fr"):
        shown = OrderEvent.objects.get().text
    assert shown.startswith("La commande a\ufffdb?c n’est")


def test_each_text_that_may_be_a_sentence_has_its_facts_beside_it():
    found = [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SentenceField)
    ]

    assert len(found) == 10
    for model, field in found:
        assert isinstance(model._meta.get_field(field.name + BESIDE), FactsField)
        assert issubclass(model._default_manager._queryset_class, SentenceQuerySet)


def marked(template: str, **facts: object) -> str:
    """Return a sentence as rows kept it before the facts lay beside it."""
    return MARK + json.dumps([template, facts], ensure_ascii=False)


# In the order in which PostgreSQL gives the facts back, which is of no meaning.
OLD_UNPAID = marked(PAID, word="pending", order="7")
OLD_TEXTS = {
    "A note.": "A note.",
    "": "",
    MARK + "no sentence": MARK + "no sentence",
    marked(AGAIN): AGAIN,
    marked("%(count)d orders (100 %%)", count=3): "3 orders (100 %)",
    marked("%(0)s %(1)s", **{"0": OLD_UNPAID, "1": marked(AGAIN)}): f"{UNPAID} {AGAIN}",
    OLD_UNPAID: UNPAID,
}


@pytest.fixture
def back_and_forth(transactional_db):
    """Undo and redo the migrations that turn sentences over; afterwards all is done."""

    def back() -> None:
        call_command("migrate", "orders", "0007", verbosity=0)
        call_command("migrate", "stores", "0004", verbosity=0)

    def forth() -> None:
        call_command("migrate", verbosity=0)

    yield back, forth
    forth()


def texts() -> list[str]:
    rows = by_sql("SELECT text FROM orders_orderevent ORDER BY id")
    return [text for (text,) in rows]


@pytest.mark.slow
@pytest.mark.sweep
def test_stored_sentences_are_turned_over_and_back(back_and_forth, store):
    back, forth = back_and_forth
    order = OrderFactory(store=store)
    Shipment.objects.create(order=order, shipped_at=clock.now())
    # More than are turned over at a time.
    old = [*OLD_TEXTS, *[OLD_UNPAID] * 1001]
    for _ in old:
        history.record(order, OrderEvent.Kind.HELD)
    back()
    for event, text in zip(OrderEvent.objects.values_list("pk"), old, strict=True):
        by_sql("UPDATE orders_orderevent SET text = %s WHERE id = %s", text, *event)
    by_sql("UPDATE stores_store SET connection_error = %s", OLD_UNPAID)
    # Two in one row.
    by_sql(
        "UPDATE orders_shipment SET notification_error = %s, customer_mail_error = %s",
        OLD_UNPAID,
        marked(AGAIN),
    )

    forth()
    turned = texts()
    with translation.override("fr"):
        read_in_french = OrderEvent.objects.last().text
        store.refresh_from_db()
    back()

    assert turned == [OLD_TEXTS[text] for text in old]
    assert (read_in_french, store.connection_error) == (IMPAYEE, IMPAYEE)
    assert texts() == old
    assert by_sql("SELECT connection_error FROM stores_store") == [(OLD_UNPAID,)]
    assert by_sql(
        "SELECT notification_error, customer_mail_error FROM orders_shipment"
    ) == [(OLD_UNPAID, marked(AGAIN))]


@pytest.mark.slow
@pytest.mark.sweep
def test_a_text_that_others_wrote_stays_when_the_migration_is_undone(
    back_and_forth, refused
):
    back, _forth = back_and_forth
    Shipment.objects.update(customer_mail_error=Sentence(AGAIN))
    by_sql("UPDATE orders_shipment SET notification_error = 'Ask Ann.'")

    back()

    assert by_sql(
        "SELECT notification_error, customer_mail_error FROM orders_shipment"
    ) == [("Ask Ann.", marked(AGAIN))]
