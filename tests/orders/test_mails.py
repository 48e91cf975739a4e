"""What customers get: a mail in HTML and in text, in the store's language."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone as clock
from PIL import Image

from orders import mailing, notifying, tasks
from orders.models import Order, Shipment
from stores import mail_texts
from stores.marketplaces.tophatter.carriers import CARRIERS
from stores.marketplaces.tracking_pages import PAGES, tracking_page
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.mailing import parcel
from tests.support.store_pages import save

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailed(settings, tmp_path, store, tophatter):
    """Return a function that gives the mail of a new parcel, as it left."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)

    def leave(*, shipment: dict | None = None, order: dict | None = None, **wishes):
        since = clock.now() - timedelta(hours=1)
        Store.objects.update(mail_customers=True, mail_customers_since=since, **wishes)
        sent = parcel(store, tophatter)
        notifying.send_tracking(sent)
        Shipment.objects.filter(pk=sent.pk).update(**(shipment or {"carrier": "USPS"}))
        Order.objects.update(**(order or {"customer_name": "Jane Example"}))
        tasks.mail_customers()
        (written,) = tmp_path.iterdir()
        content = written.read_bytes().partition(b"\n" + b"-" * 79)[0]
        return message_from_bytes(content, policy=policy.default)

    return leave


def logo(width: int, height: int) -> SimpleUploadedFile:
    kept = BytesIO()
    Image.new("RGB", (width, height), "navy").save(kept, "PNG")
    return SimpleUploadedFile("logo.png", kept.getvalue())


def text(message: EmailMessage) -> str:
    return message.get_body(["plain"]).get_content()


def html(message: EmailMessage) -> str:
    return message.get_body(["html"]).get_content()


def test_a_mail_is_text_and_html_and_leads_to_the_carrier(mailed):
    message = mailed()

    page = tracking_page("USPS", Shipment.objects.get().tracking_number)
    number = Order.objects.get().marketplace_order_id
    assert message["Subject"] == f"Your order {number} has shipped"
    assert message.get_content_type() == "multipart/alternative"
    assert f"\n{page}\n" in text(message)
    assert f'<a href="{page}">{page}</a>' in html(message)
    assert '<html lang="en">' in html(message)
    assert "<img" not in html(message)


def test_the_logo_comes_with_the_mail(admin_client, store, mailed):
    save(admin_client, store, logo=logo(1000, 200), company_name="Ada & Co.")

    message = mailed()

    assert message.get_content_type() == "multipart/related"
    (image,) = [
        part for part in message.walk() if part.get_content_type() == "image/png"
    ]
    assert image["Content-ID"] == "<logo>"
    assert image.get_content_disposition() == "inline"
    assert image.get_content().startswith(b"\x89PNG")
    # Of five by one, in a room of 240 by 96.
    assert 'src="cid:logo" alt="Ada &amp; Co." width="240"' in html(message)


def test_a_high_logo_is_no_higher_than_its_room(admin_client):
    store = StoreFactory()
    save(admin_client, store, logo=logo(200, 320))

    assert mailing.compose(store, None).logo_width == 60


def test_what_people_typed_is_text_whatever_it_looks_like(mailed):
    name = '<img src=x onerror="alert(1)"> {carrier}'
    body = "Dear {customer},\r\n\r\n<b>it</b> & more:\r\n{tracking_number}"

    message = mailed(mail_body=body, order={"customer_name": name})

    number = Shipment.objects.get().tracking_number
    assert text(message).splitlines() == [
        f"Dear {name},",
        "",
        "<b>it</b> & more:",
        number,
    ]
    assert "<b>" not in html(message)
    assert "<img" not in html(message)
    assert f"&lt;b&gt;it&lt;/b&gt; &amp; more:<br>{number}</p>" in html(message)
    assert f"Dear {name}," in unescape(html(message))


@pytest.mark.parametrize(
    ("typed", "linked"),
    [
        ("See {tracking_link}.", "See {link}."),
        (
            "https://track.example.com/?a=1&n={tracking_number}",
            (
                '<a href="https://track.example.com/?a=1&amp;n={number}">'
                "https://track.example.com/?a=1&amp;n={number}</a>"
            ),
        ),
        (
            'https://example.com/"onclick="x',
            (
                '<a href="https://example.com/">https://example.com/</a>'
                "&quot;onclick=&quot;x"
            ),
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_web_addresses_are_links(mailed, typed, linked):
    message = mailed(mail_body=typed)

    number = Shipment.objects.get().tracking_number
    page = tracking_page("USPS", number)
    link = f'<a href="{page}">{page}</a>'
    assert f"<p>{linked.format(number=number, link=link)}</p>" in html(message)


def test_where_the_carriers_page_is_unknown_its_line_falls_away(mailed):
    message = mailed(shipment={"carrier": "Cambodia Post"})

    number = Shipment.objects.get().tracking_number
    assert f"Tracking number: {number}\n\n" in text(message)
    assert "<a " not in html(message)
    assert "{" not in text(message)


def test_a_mail_is_in_the_stores_language(mailed):
    message = mailed(language="fr")

    number = Order.objects.get().marketplace_order_id
    assert message["Subject"] == f"Votre commande {number} est expédiée"
    assert "Numéro de suivi" in text(message)
    assert "Numéro de suivi" in html(message)
    assert '<html lang="fr">' in html(message)


def test_a_new_store_writes_in_the_language_of_the_server(settings):
    settings.LANGUAGE_CODE = "fr-ca"

    assert StoreFactory().language == "fr"


def test_the_language_is_a_setting_of_the_store(admin_client):
    store = StoreFactory()

    save(admin_client, store, language="fr")
    kept = Store.objects.get().language
    refused = save(admin_client, store, language="xx")
    save(admin_client, store, language="")

    assert kept == Store.objects.get().language == "fr"
    assert "xx is not one of the available choices" in refused.text


def test_the_preview_shows_both_in_the_language_that_is_chosen(admin_client):
    store = StoreFactory()
    save(admin_client, store, logo=logo(20, 10))
    page = reverse("admin:stores_store_mail", args=[store.pk])

    shown = admin_client.post(page, {"language": "fr", "mail_body": ""})
    refused = admin_client.post(page, {"language": "xx"})

    document = shown.context["html"]
    assert 'src="data:image/png;base64,' in document
    assert "<p>Bonjour Jane Example,</p>" in document
    assert "Bonjour Jane Example," in shown.context["mail"].body
    assert "&lt;p&gt;Bonjour Jane Example,&lt;/p&gt;" in shown.text
    assert "xx" in refused.text
    assert refused.context["mail"] is None
    assert Store.objects.get().language == "en"


def test_a_line_of_placeholders_alone_falls_away_when_they_stand_for_nothing():
    values = {"tracking_link": "", "carrier": "USPS"}

    filled = mail_texts.fill(
        "a\r\n\r\n{tracking_link}\r\n{carrier}:{tracking_link}", values
    )

    assert filled == "a\n\nUSPS:"


def test_the_pages_are_those_of_carriers_the_marketplace_knows():
    assert set(PAGES) <= set(CARRIERS)
    assert all(page.startswith("https://") for page in PAGES.values())


@pytest.mark.parametrize(
    ("carrier", "number", "page"),
    [
        (
            "usps",
            "9400 1000",
            "https://tools.usps.com/go/TrackConfirmAction?tLabels=94001000",
        ),
        ("UPS", "1Z/?&#", "https://www.ups.com/track?tracknum=1Z%2F%3F%26%23"),
        ("Cambodia Post", "A1", ""),
    ],
)
def test_a_number_leads_to_its_carriers_page(carrier, number, page):
    assert tracking_page(carrier, number) == page
