"""Packing slips and pick lists on paper: what they say, and on how many pages."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from barcode.charsets import code128
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.translation import override
from PIL import Image

from orders.documents import images, slips
from orders.documents.images import QUIET, barcode
from orders.documents.paper import FONTS, printable
from orders.models import Correction, Order
from stores.models import Logo
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import LIST
from tests.support.papers import PICK_LIST, SLIPS, ask, logo, order, pages, read

pytestmark = pytest.mark.django_db


def branded(**fields):
    defaults = {
        "company_name": "Müßig & Söhne",
        "return_address": "12 Rue de l’Étoile\n75001 Paris",
        "phone": "+33 1 23 45",
        "website": "https://www.example.com",
        "slip_message": "Merci & à bientôt.",
    }
    return StoreFactory(**(defaults | fields))


def test_a_slip_says_who_sends_what_where(admin_client):
    made = order(
        {"sku": "EX-HEADSET", "options": {"Variation ID": "BLACK"}, "quantity": 2},
        {"sku": "", "name": "Carrying case"},
        store=branded(timezone="America/Los_Angeles"),
        ordered_at=datetime(2026, 11, 23, 22, 5, tzinfo=UTC),
        ship_to_name="François Müller",
    )

    (text,) = pages(ask(admin_client, SLIPS, made))

    for words in (
        "Müßig & Söhne",
        "12 Rue de l’Étoile",
        "+33 1 23 45",
        "https://www.example.com",
        f"Order {made}",
        "Ordered Nov. 23, 2026, 2:05 p.m. PST",
        "François Müller",
        "Los Altos CA 94022",
        "United States of America",
        "EX-HEADSET",
        "Variation ID: BLACK",
        "Carrying case",
        "3 items",
        "Merci & à bientôt.",
        "page 1 of 1",
    ):
        assert words in text
    assert "Place in the pile" not in text


def test_each_slip_has_a_page_of_its_own_in_the_order_asked_for(admin_client):
    first, second, third = (order() for _ in range(3))

    texts = pages(ask(admin_client, SLIPS, third, first, second))

    assert [
        text.splitlines().index(f"Order {one}") > 0
        for one, text in zip((third, first, second), texts, strict=True)
    ] == [True] * 3
    assert ["Place in the pile: 1" in text for text in texts] == [True, False, False]


def test_the_corrected_address_goes_on_paper(admin_client):
    made = order()
    Correction.objects.create(
        order=made,
        ship_to_name="Jane Example",
        ship_to_address1="9 Right Street",
        ship_to_country="GB",
        made_at=clock.now(),
        decided_at=clock.now(),
    )

    (text,) = pages(ask(admin_client, SLIPS, made))

    assert "9 Right Street" in text
    assert "United Kingdom" in text
    assert "1 Example Street" not in text


def test_a_country_that_is_not_known_goes_on_paper_as_it_was_received(admin_client):
    made = order(ship_to_country="", unknown_country="Netherlands Antilles")

    (text,) = pages(ask(admin_client, SLIPS, made))

    lines = text.splitlines()
    at = lines.index("Los Altos CA 94022")
    assert lines[at + 1] == "Netherlands Antilles"


def test_prices_are_on_a_slip_only_when_the_store_says_so(admin_client):
    items = [{"unit_price": Decimal("12.5")}, {"unit_price": None}]
    silent = order(*items)
    open_ = order(*items, store=StoreFactory(slip_shows_prices=True))

    without, prices = pages(ask(admin_client, SLIPS, silent, open_))

    assert "12.50" not in without
    assert "12.50" in prices
    assert "–" in prices


def test_many_items_go_on_to_a_second_page_that_says_so(admin_client):
    items = [{"sku": f"SKU-{n:02}", "name": f"Item {n:02}"} for n in range(50)]
    made = order(*items)

    first, second = pages(ask(admin_client, SLIPS, made))

    assert "page 1 of 2" in first
    assert "page 2 of 2" in second
    assert f"Order {made}" in second.splitlines()[0]
    assert all("SKU" in text and "Quantity" in text for text in (first, second))
    assert [f"SKU-{n:02}" in first + second for n in range(50)] == [True] * 50
    assert "50 items" in second


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nguyễn Thị Ánh Tuyết", "Nguyễn Thị Ánh Tuyết"),
        ("王小明", "王小明"),
        ("山田 太郎", "山田 太郎"),
        ("김철수", "김철수"),
        ("Анна Ковальова", "Анна Ковальова"),
        ("Emoji 🎧 Fan", "Emoji Fan"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Bell\x07 \u202eevil", "Bell evil"),
    ],
)
def test_names_of_the_world_are_on_paper_as_text(admin_client, name, shown):
    (text,) = pages(ask(admin_client, SLIPS, order(ship_to_name=name)))

    assert shown in text


@pytest.mark.parametrize("name", ["أحمد مثال", "דנה דוגמה", "สมชาย ใจดี", "नमस्ते"])
def test_a_name_in_any_script_has_its_letters_in_a_font_of_ours(admin_client, name):
    answer = ask(admin_client, SLIPS, order(ship_to_name=name))

    text = pages(answer)[0]
    assert printable(name) == name
    assert any(letter in text for letter in name.split()[0])


def test_a_letter_that_no_font_has_leaves_a_box_and_does_not_vanish():
    assert printable("𠮷野 ꦲ") == "□野 □"


def test_very_long_words_and_addresses_stay_on_the_paper(admin_client):
    made = order(
        {"sku": "S" * 100, "name": "N" * 500},
        store=branded(return_address="\n".join(["line"] * 90), slip_message="\n" * 400),
        ship_to_name="W" * 200,
        ship_to_address1="W" * 200,
        ship_to_address2="W" * 200,
        ship_to_city="W" * 100,
    )

    texts = pages(ask(admin_client, SLIPS, made, paper="letter"))

    text = "".join("".join(texts).split())
    assert text.count("W") >= 700
    assert text.count("N") >= 500
    assert len(texts) <= 2


@pytest.mark.parametrize(("paper", "width"), [("a4", 595), ("letter", 612)])
def test_the_paper_asked_for_is_remembered(admin_client, paper, width):
    made = order()
    ask(admin_client, SLIPS, made, paper=paper)

    answer = ask(admin_client, PICK_LIST, made)

    assert round(float(read(answer.content).pages[0].mediabox.width)) == width


def test_a_logo_is_on_each_slip_and_only_once_in_the_file(admin_client):
    store = branded()
    Logo.objects.create(store=store, image=logo(), content_type="image/png")
    orders = [order(store=store) for _ in range(3)]

    answer = ask(admin_client, SLIPS, *orders)

    pdf = read(answer.content)
    assert [len(page.images) for page in pdf.pages] == [1, 1, 1]
    assert answer.content.count(b"/Subtype /Image") == 1


@pytest.mark.parametrize(
    "image",
    [b"", b"not a picture", logo()[:60], b"\x89PNG\r\n\x1a\n" + bytes(50)],
    ids=["empty", "text", "torn", "hollow"],
)
def test_a_broken_logo_does_not_stop_the_printing(admin_client, image):
    store = branded()
    Logo.objects.create(store=store, image=image, content_type="image/png")

    (text,) = pages(ask(admin_client, SLIPS, order(store=store)))

    assert "Müßig & Söhne" in text


def test_a_giant_picture_is_no_logo():
    kept = BytesIO()
    Image.new("1", (6000, 5000)).save(kept, "PNG")

    assert images.picture(kept.getvalue()) is None


def test_a_store_without_branding_prints_its_name(admin_client):
    store = StoreFactory(name="Plain store")

    (text,) = pages(ask(admin_client, SLIPS, order(store=store)))

    assert "Plain store" in text


def test_the_print_page_says_the_same_and_escapes_it(admin_client):
    store = branded()
    Logo.objects.create(store=store, image=logo(), content_type="image/png")
    made = order(store=store, ship_to_name="<script>alert(1)</script>")

    html = ask(admin_client, SLIPS, made, **{"as": "page"}).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>" not in html
    assert html.count("data:image/png;base64,") == 1
    assert f"Order {made}" in html
    assert "size: A4" in html


def test_a_document_speaks_the_readers_language(rf):
    store = StoreFactory(timezone="Europe/Paris")
    made = order(store=store, ordered_at=datetime(2026, 11, 3, 13, 5, tzinfo=UTC))

    with override("fr"):
        (slip,) = slips.slips_of(Order.objects.in_order_of([made.pk]), clock.now())

    assert slip.ordered == "3 novembre 2026 14:05 CET"


def test_a_bar_code_reads_as_the_order_number():
    code = barcode("120000001")

    black = set()
    for start, width in code.bars:
        black |= set(range(start, start + width))
    modules = "".join("1" if n in black else "0" for n in range(code.width))
    assert modules[:QUIET] == modules[-QUIET:] == "0" * QUIET
    values = [
        code128.CODES.index(modules[n : n + 11])
        for n in range(QUIET, code.width - QUIET - 13, 11)
    ]
    *data, check = values
    assert check == sum(n * max(i, 1) for i, n in enumerate(data)) % 103
    # Digits in pairs, then the odd last one in set B.
    assert data == [105, 12, 0, 0, 0, 100, 17]


def test_an_order_number_that_no_bar_code_holds_is_still_printed(admin_client):
    (text,) = pages(
        ask(admin_client, SLIPS, order(marketplace_order_id="№ 7", payload={}))
    )

    assert "Order № 7" in text


def test_a_pick_list_sums_by_sku_and_options_and_names_the_places(admin_client):
    black = {"sku": "HEADSET", "name": "Headset", "options": {"Variation ID": "BLACK"}}
    white = black | {"options": {"Variation ID": "WHITE"}}
    orders = [
        order(black),
        order(white),
        order(black, {"sku": "MUG"}),
        order(black | {"quantity": 2}),
    ]

    pick = slips.pick_list(orders, clock.now())

    assert [
        (line.sku, line.options, line.quantity, line.places) for line in pick.lines
    ] == [
        ("HEADSET", "Variation ID: BLACK", 4, "1, 3, 4 (×2)"),
        ("HEADSET", "Variation ID: WHITE", 1, "2"),
        ("MUG", "", 1, "3"),
    ]
    assert [(one.place, one.number) for one in pick.orders] == [
        (place, str(one)) for place, one in enumerate(orders, start=1)
    ]


def test_a_run_of_places_is_written_short():
    pick = slips.pick_list([order() for _ in range(4)], clock.now())

    assert pick.lines[0].places == "1–4"
    assert pick.total == "4 orders · 4 items"


@pytest.mark.parametrize(("count", "places"), [(2, "1, 2"), (3, "1–3")])
def test_two_neighbours_are_no_run_yet(count, places):
    pick = slips.pick_list([order() for _ in range(count)], clock.now())

    assert pick.lines[0].places == places


@pytest.mark.parametrize("kind", ["pdf", "page"])
def test_a_pick_list_is_printed_with_the_pile_it_is_for(admin_client, kind):
    orders = [order(), order({"sku": "TOTE", "name": "Tote"})]

    answer = ask(admin_client, PICK_LIST, *orders, **{"as": kind})

    text = pages(answer)[0] if kind == "pdf" else answer.content.decode()
    for words in ("Pick list", "2 orders", "MUG-01", "TOTE", str(orders[1])):
        assert words in text


def test_a_long_pick_list_goes_on_over_pages(admin_client):
    items = [{"sku": f"SKU-{n:03}", "name": f"Item {n}"} for n in range(120)]

    texts = pages(ask(admin_client, PICK_LIST, order(*items)))

    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"page {number} of {len(texts)}" in text
    assert all("SKU" in text for text in texts[:-1])


def test_the_list_leads_to_paper_in_its_order(admin_client):
    old = order(ordered_at=datetime(2026, 11, 1, tzinfo=UTC))
    new = order(ordered_at=datetime(2026, 11, 2, tzinfo=UTC))
    data = {"action": "print_chosen", "_selected_action": [new.pk, old.pk]}

    listed = admin_client.get(reverse(LIST)).context["cl"].result_list
    text = admin_client.post(reverse(LIST), data).content.decode()

    ids = ",".join(str(one.pk) for one in listed)
    assert f'name="orders" value="{ids}"' in text


def test_too_many_orders_are_not_printed_at_once(admin_client):
    store = StoreFactory()
    made = OrderFactory.build_batch(slips.MOST_ORDERS + 1, store=store)
    type(made[0]).objects.bulk_create(made)
    data = {
        "action": "print_chosen",
        "select_across": "1",
        "index": "0",
        "_selected_action": [made[0].pk],
    }

    text = admin_client.post(reverse(LIST), data, follow=True).content.decode()

    assert "501 orders are chosen; choose at most 500 at a time." in text


def test_the_fonts_come_with_their_licences():
    assert {"OFL-1.1.txt", "APACHE-2.0.txt", "README"} <= {
        one.name for one in FONTS.iterdir()
    }
    size = sum(one.stat().st_size for one in FONTS.iterdir())
    assert size < 8_000_000
