"""The page where staff say what words of status mean: looked at first, then saved."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone as clock

from orders import jobs
from orders.importing import replays
from orders.models import ImportProblem, Job, Replay
from stores import access, leases
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.forms import filled_in
from tests.support.order_pages import page, staff
from tests.support.replaying import bring, everything, naive
from tests.support.store_pages import step

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(db) -> Store:
    """A store with two orders whose word nobody knows, and one that may ship."""
    store = StoreFactory(name="Main store")
    bring(store, naive(1, status="Mystery"), naive(2, status="mystery"), naive(3))
    return store


def url(store: Store, word: str = "") -> str:
    return step(store, "words_of_status") + (f"?word={word}" if word else "")


def read(client, address: str) -> str:
    return client.get(address).text


def save(client, store: Store, **typed: str):
    """Fill in the page, look at what would change, and save it."""
    looked = client.post(url(store), filled_in(read(client, url(store)), **typed))
    return client.post(url(store), posted(looked), follow=True)


def posted(looked, name: str = "apply") -> dict:
    """Return what the page of what would change posts, by one of its buttons."""
    words: dict[str, list[str]] = {"step": [name]}
    for field, value in looked.context["posted"]:
        words.setdefault(field, []).append(value)
    return words


def states(store: Store) -> list[str]:
    orders = store.orders.order_by("marketplace_order_id")
    return list(orders.values_list("marketplace_state", flat=True))


def test_words_nobody_knows_come_first_with_what_waits_for_them(admin_client, store):
    store.status_words = {"odd": "shipped", "paid": "on_hold"}
    store.save()

    form = admin_client.get(url(store)).context["form"]

    rows = [
        (str(title), [(row.word, row.field.value(), row.preset) for row in rows])
        for title, rows in form.sections
    ]
    assert rows[0] == ("Not known here", [("mystery", "needs_review", "")])
    assert rows[1] == (
        "Said by staff",
        [("odd", "shipped", ""), ("paid", "on_hold", "Awaiting shipment")],
    )
    assert rows[2][0] == "Known by itself"
    assert ("shipped", "shipped", "") in rows[2][1]
    text = read(admin_client, url(store))
    assert "2 orders wait, 2 import problems" in " ".join(text.split())


def test_a_meaning_is_looked_at_before_it_is_saved(admin_client, store):
    data = filled_in(read(admin_client, url(store)))

    looked = admin_client.post(url(store), data | {"means-mystery": "on_hold"})
    kept = Store.objects.get().status_words
    done = admin_client.post(url(store), posted(looked), follow=True)

    text = unescape(looked.text)
    assert "“mystery”: Needs review → On hold." in text
    assert "This is about 2 stored orders." in text
    assert "This change is not saved yet." in text
    assert "Save for orders to come" not in text
    assert kept == {}
    assert "2 stored orders say something else now." in done.text
    assert Store.objects.get().status_words == {"mystery": "on_hold"}
    assert states(store) == ["on_hold", "on_hold", "awaiting_shipment"]
    assert not ImportProblem.objects.filter(resolved_at=None).exists()


def test_the_audit_tells_who_gave_a_word_its_meaning(admin_client, store):
    for meaning in ("on_hold", "shipped"):
        save(admin_client, store, **{"means-mystery": meaning})

    text = read(admin_client, reverse("admin:backoffice_auditentry_changelist"))

    assert "status words: – → mystery: on_hold" in text
    assert "status words: mystery: on_hold → mystery: shipped" in text


def test_what_was_saved_can_be_undone(admin_client, store):
    before = everything(store)
    done = save(admin_client, store, **{"means-mystery": "shipped"})
    saved = everything(store)
    undo = {"step": "undo", "replay": Replay.objects.get().pk}

    admin_client.post(step(store, "replay"), undo)

    assert "“mystery”: Needs review → Shipped." in unescape(done.text)
    assert saved != before
    assert everything(store) == before
    assert Store.objects.get().status_words == {}


def test_a_word_nobody_has_seen_is_taken_whatever_its_case(admin_client, store):
    save(admin_client, store, word=" Ready  To GO ", meaning="awaiting_shipment")

    assert Store.objects.get().status_words == {"ready to go": "awaiting_shipment"}
    bring(Store.objects.get(), naive(9, status="READY to go"))
    order = store.orders.get(marketplace_order_id="9")
    assert order.status == "awaiting_shipment"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"word": "new"}, "Choose what it means."),
        ({"meaning": "shipped"}, "Type the word that means this."),
        ({"word": "a" * 51, "meaning": "shipped"}, "at most 50 characters"),
        ({"word": "new", "meaning": "sung"}, "Select a valid choice."),
        ({"means-mystery": "sung"}, "Select a valid choice."),
    ],
)
def test_what_is_no_word_or_no_meaning_is_asked_again(admin_client, store, typed, said):
    data = filled_in(read(admin_client, url(store)), **typed)

    answer = admin_client.post(url(store), data)

    assert said in answer.text
    assert Store.objects.get().status_words == {}


def test_a_store_has_two_hundred_words_of_its_own_at_the_most(admin_client, store):
    Store.objects.update(status_words={f"w{n}": "shipped" for n in range(200)})
    data = filled_in(read(admin_client, url(store)), word="new", meaning="shipped")

    answer = admin_client.post(url(store), data)

    assert "at most 200 words" in answer.text
    assert len(Store.objects.get().status_words) == 200


def test_a_known_word_means_something_else_and_what_it_meant_again(admin_client, store):
    save(admin_client, store, **{"means-paid": "on_hold"})
    held = states(store)

    save(admin_client, store, **{"means-paid": "awaiting_shipment"})

    assert held[2] == "on_hold"
    assert states(store)[2] == "awaiting_shipment"
    assert Store.objects.get().status_words == {}


def test_a_page_that_says_nothing_new_says_so(admin_client, store):
    answer = admin_client.post(url(store), filled_in(read(admin_client, url(store))))

    assert "No word means anything else than before." in answer.text
    assert not Replay.objects.exists()


def test_saving_twice_changes_once(admin_client, store):
    data = filled_in(read(admin_client, url(store)), **{"means-mystery": "shipped"})
    looked = admin_client.post(url(store), data)

    for _ in range(2):
        answer = admin_client.post(url(store), posted(looked), follow=True)

    assert "These words are saved already." in answer.text
    assert Replay.objects.get().changed == 2


def test_a_word_that_somebody_else_gave_a_meaning_stays(admin_client, ada, store):
    mine = filled_in(read(admin_client, url(store)), **{"means-mystery": "shipped"})
    save(ada, store, **{"means-mystery": "cancelled"})

    answer = admin_client.post(url(store), mine)
    kept = states(store)
    again = filled_in(answer.text, **{"means-mystery": "shipped"})
    looked = admin_client.post(url(store), again)
    admin_client.post(url(store), posted(looked))

    assert "ada changed this at" in answer.text
    assert "ada saved “Cancelled” meanwhile." in unescape(answer.text)
    assert kept[:2] == ["cancelled", "cancelled"]
    assert states(store)[:2] == ["shipped", "shipped"]


def test_two_people_give_two_words_a_meaning(admin_client, ada, store):
    bring(store, naive(4, status="odd"))
    mine = filled_in(read(admin_client, url(store)), **{"means-mystery": "shipped"})
    save(ada, store, word="new", meaning="on_hold")

    looked = admin_client.post(url(store), mine)
    admin_client.post(url(store), posted(looked))

    words = {"mystery": "shipped", "new": "on_hold"}
    assert Store.objects.get().status_words == words


def test_words_that_somebody_took_back_meanwhile_are_shown_again(
    admin_client, ada, store
):
    Store.objects.update(status_words={"odd": "shipped"})
    mine = filled_in(read(admin_client, url(store)), **{"means-odd": "cancelled"})
    save(ada, store, **{"means-odd": "needs_review"})

    answer = admin_client.post(url(store), mine)

    assert "ada saved “Needs review” meanwhile." in unescape(answer.text)
    assert filled_in(answer.text)["means-odd"] == "cancelled"
    assert Store.objects.get().status_words == {}


def test_what_was_looked_at_is_not_saved_over_what_somebody_else_saved(
    admin_client, ada, store
):
    data = filled_in(read(admin_client, url(store)), **{"means-mystery": "shipped"})
    looked = admin_client.post(url(store), data)
    save(ada, store, word="new", meaning="on_hold")

    answer = admin_client.post(url(store), posted(looked), follow=True)

    assert "Somebody changed how orders of Main store are read" in answer.text
    assert Store.objects.get().status_words == {"new": "on_hold"}
    assert "needs_review" in states(store)


@pytest.mark.parametrize(
    "data",
    [
        {"word": "Upper", "means": "shipped"},
        {"word": "odd", "means": "sung"},
        {"word": "a" * 51, "means": "shipped"},
        {"seen-word": "", "seen-means": "shipped"},
    ],
)
def test_what_no_page_posts_is_refused(admin_client, store, data):
    answer = admin_client.post(url(store), {"step": "apply"} | data)

    assert answer.status_code == 400
    assert Store.objects.get().status_words == {}


def test_during_an_import_the_page_says_to_wait(admin_client, store):
    data = filled_in(read(admin_client, url(store)), **{"means-mystery": "shipped"})
    looked = admin_client.post(url(store), data)
    leases.acquire(store)

    answer = admin_client.post(url(store), posted(looked), follow=True)

    assert "is already running for" in answer.text
    assert Store.objects.get().status_words == {}


def test_many_orders_are_read_by_a_job(admin_client, store, monkeypatch):
    monkeypatch.setattr(replays, "MOST_AT_ONCE", 1)

    save(admin_client, store, **{"means-mystery": "shipped"})
    job = Job.objects.get()
    jobs.work_on(job, clock.now() + timedelta(minutes=1))

    assert states(store)[:2] == ["shipped", "shipped"]
    job.refresh_from_db()
    assert job.is_complete


def test_without_stored_orders_words_are_saved_alike(admin_client):
    store = StoreFactory()

    save(admin_client, store, word="new", meaning="shipped")

    assert Store.objects.get().status_words == {"new": "shipped"}


def test_the_orders_page_and_the_problems_lead_to_their_word(admin_client, store):
    order = store.orders.get(marketplace_order_id="1")
    problem = ImportProblem.objects.get(marketplace_order_id="1")
    link = f'href="{url(store, "mystery")}"'
    shippable = store.orders.get(marketplace_order_id="3")
    on_order, on_problem = (read(admin_client, page(one)) for one in (order, problem))
    chosen = read(admin_client, url(store, "mystery"))

    save(admin_client, store, **{"means-mystery": "shipped"})

    assert link in on_order
    assert link in on_problem
    assert "autofocus" in chosen
    assert "This word" in chosen
    assert link not in read(admin_client, page(order))
    assert link not in read(admin_client, page(problem))
    assert "This word means" not in read(admin_client, page(shippable))


def test_a_link_may_bring_a_word_that_nobody_has_seen(admin_client, store):
    typed = filled_in(read(admin_client, url(store, "Other")))
    too_long = filled_in(read(admin_client, url(store, "x" * 51)))

    assert (typed["word"], too_long["word"]) == ("other", "")


def test_the_stores_page_says_how_many_words_nobody_knows(admin_client, store):
    text = read(admin_client, page_of(store))
    save(admin_client, store, **{"means-mystery": "shipped"})

    assert "1 word of status is not known here" in text
    assert url(store) in text
    assert "not known here" not in read(admin_client, page_of(store))


def page_of(store: Store) -> str:
    return reverse("admin:stores_store_change", args=[store.pk])


def test_who_may_not_change_stores_is_neither_led_there_nor_let_in(client, store):
    staff(client, "view_store", "view_order", "view_importproblem")
    order = store.orders.get(marketplace_order_id="1")
    problem = ImportProblem.objects.first()

    pages = [read(client, page(order)), read(client, page(problem))]
    answers = [client.get(url(store)), client.post(url(store), {"step": "apply"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not any("This word means" in text for text in pages)
    assert "words/" not in read(client, page_of(store))


def test_who_is_kept_to_other_stores_finds_no_such_page(client, store):
    user = staff(client, "view_store", "change_store")
    access.set_limit(User.objects.get(pk=user.pk), [StoreFactory()])

    answers = [
        client.get(url(store)),
        client.post(url(store), {"step": "apply", "word": "x", "means": "shipped"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Store.objects.get(pk=store.pk).status_words == {}


def test_a_hostile_word_is_shown_as_it_is_and_does_nothing(admin_client, store):
    word = '"><script>alert(1)</script>'
    bring(store, naive(4, status=word))
    text = read(admin_client, url(store))

    save(admin_client, store, **{f"means-{word}": "on_hold"})

    assert word not in text
    assert Store.objects.get().status_words == {word: "on_hold"}
    assert states(store)[3] == "on_hold"
