"""Orders, line items and shipments leave as CSV and XLSX, exactly as listed."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone as clock
from openpyxl import load_workbook

from backoffice.kit.sheets import (
    MOST_SHEET_ROWS,
    XLSX,
    TooManyRows,
    as_csv,
    defuse,
)
from orders.exporting import EXPORTS
from orders.models import Correction, Order, Shipment
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import LIST, NUMBER, staff

pytestmark = pytest.mark.django_db

EXPORT = "admin:orders_order_export"
SHIPMENTS = "admin:orders_shipment_export"


def content(answer) -> bytes:
    assert answer.streaming
    return b"".join(answer.streaming_content)


def read_csv(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_of(data: bytes):
    return load_workbook(io.BytesIO(data)).active


def export(client, what="orders", format="csv", url=EXPORT, **query):
    return client.post(
        reverse(url, query=query or None), {"what": what, "format": format}
    )


def ship(order, number=NUMBER, **fields) -> Shipment:
    defaults = {"carrier": "USPS", "shipped_at": clock.now(), "notification": "refused"}
    return order.shipments.create(tracking_number=number, **(defaults | fields))


def test_orders_leave_with_times_in_the_zone_of_their_store(admin_client):
    moment = datetime(2026, 11, 1, 12, tzinfo=UTC)
    store = StoreFactory(name="Main", timezone="America/Los_Angeles")
    order = OrderFactory(
        store=store, ordered_at=moment, customer_name="Zoë 王", refund_amount="1.50"
    )
    ship(order)

    (row,) = read_csv(content(export(admin_client, view="all")))

    assert row["marketplace_order_id"] == order.marketplace_order_id
    assert row["ordered_at"] == "2026-11-01T04:00:00-08:00"
    # Five days of 24 hours, whatever the clocks do.
    assert row["ship_by"] == "2026-11-06T04:00:00-08:00"
    assert row["time_zone"] == "America/Los_Angeles"
    assert (row["store"], row["customer_name"]) == ("Main", "Zoë 王")
    assert row["refund_amount"] == "1.50"
    assert (row["carrier"], row["tracking_number"]) == ("USPS", NUMBER)
    assert row["notification"] == "refused"


def test_a_corrected_address_counts(admin_client):
    order = OrderFactory()
    now = clock.now()
    Correction.objects.create(
        order=order,
        ship_to_name="New Name",
        ship_to_city="Lyon",
        ship_to_country="FR",
        made_at=now,
        decided_at=now,
    )

    (row,) = read_csv(content(export(admin_client)))

    assert (row["ship_to_name"], row["ship_to_city"]) == ("New Name", "Lyon")
    assert row["ship_to_address1"] == ""


def test_what_leaves_is_the_filtered_list_on_all_its_pages(admin_client):
    wanted, other = StoreFactory.create_batch(2)
    orders = OrderFactory.create_batch(60, store=wanted)
    OrderFactory.create_batch(3, store=other)
    query = {"store__id__exact": wanted.pk, "view": "all", "p": 2}

    page = admin_client.get(reverse(EXPORT, query=query)).content.decode()
    rows = read_csv(content(export(admin_client, **query)))

    assert "Orders: 60" in page
    assert {row["marketplace_order_id"] for row in rows} == {
        order.marketplace_order_id for order in orders
    }


def test_without_a_filter_the_first_list_leaves_not_everything(admin_client):
    order = OrderFactory()
    OrderFactory(marketplace_state="cancelled")

    rows = read_csv(content(export(admin_client)))

    assert [row["marketplace_order_id"] for row in rows] == [str(order)]


def test_a_filter_that_is_none_leads_back_to_the_list(admin_client):
    OrderFactory()

    answer = export(admin_client, nonsense__lookup="1")

    assert answer.status_code == 302
    assert answer.url == reverse(LIST)


def test_the_button_of_the_list_keeps_its_filters(admin_client):
    text = admin_client.get(reverse(LIST), {"view": "late"}).content.decode()

    assert f'href="{reverse(EXPORT)}?view=late"' in text


def test_the_button_of_a_later_page_exports_all_pages(admin_client):
    OrderFactory.create_batch(51)

    later = admin_client.get(reverse(LIST), {"view": "all", "p": "2"})

    assert f'href="{reverse(EXPORT)}?view=all"' in later.content.decode()


def test_line_items_and_shipments_of_the_listed_orders_leave(admin_client):
    order, other = OrderFactory(), OrderFactory(marketplace_state="cancelled")
    for one in (order, other):
        one.line_items.create(
            position=0,
            sku="MUG",
            name="Mug",
            quantity=2,
            unit_price=Decimal("4.50"),
            options={"Size": "L"},
        )
        ship(one, notification="not_sent", not_sent_because="store")
    Order.objects.filter(pk=order.pk).update(has_shipment=True)

    items = read_csv(content(export(admin_client, "line-items", view="cancelled")))
    parcels = read_csv(content(export(admin_client, "shipments", view="cancelled")))

    assert [row["marketplace_order_id"] for row in items] == [str(other)]
    assert (items[0]["quantity"], items[0]["unit_price"]) == ("2", "4.50")
    assert items[0]["options"] == "Size: L"
    assert [row["marketplace_order_id"] for row in parcels] == [str(other)]
    assert parcels[0]["tracking_number"] == NUMBER


def test_the_list_of_shipments_is_exported_as_it_is_filtered(admin_client):
    first, second = OrderFactory.create_batch(2)
    ship(first, "A1")
    ship(second, "B2", notification="accepted")

    answer = export(
        admin_client, "shipments", url=SHIPMENTS, notification__exact="accepted"
    )

    (row,) = read_csv(content(answer))
    assert (row["tracking_number"], row["notification"]) == ("B2", "accepted")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]
)
def test_no_text_becomes_a_formula(admin_client, text):
    OrderFactory(customer_name=text)

    (row,) = read_csv(content(export(admin_client)))
    sheet = sheet_of(content(export(admin_client, format="xlsx")))

    assert row["customer_name"] == f"'{text}"
    column = [cell.value for cell in sheet[1]].index("customer_name")
    cell = sheet[2][column]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value.strip() == text.strip()


def test_texts_are_defused_and_numbers_left_alone():
    row = ["=A1", Decimal("-4.50"), "plain=text", "", None]

    assert defuse(row) == ["'=A1", Decimal("-4.50"), "plain=text", "", None]


def test_a_workbook_keeps_long_numbers_money_and_odd_characters(admin_client):
    order = OrderFactory(customer_name="a\x01b#", refund_amount=Decimal("-4.50"))
    Order.objects.filter(pk=order.pk).update(ship_to_name="#N/A")
    ship(order)

    sheet = sheet_of(content(export(admin_client, format="xlsx")))

    header, values = ([cell.value for cell in row] for row in sheet.rows)
    row = dict(zip(header, values, strict=True))
    assert row["tracking_number"] == NUMBER
    assert row["refund_amount"] == -4.5
    assert row["customer_name"] == "a\N{REPLACEMENT CHARACTER}b#"
    assert row["ship_to_name"] == "#N/A"
    assert row["ordered_at"].endswith("+00:00")


def test_a_file_begins_before_its_last_row_was_read():
    read = []

    def rows():
        for number in range(10_000):
            read.append(number)
            yield [number]

    pieces = as_csv(rows())
    next(pieces)

    assert len(read) < 1000


def test_more_rows_than_a_sheet_holds_are_said():
    XLSX.piece([["last"]], MOST_SHEET_ROWS)

    with pytest.raises(TooManyRows, match="holds 1048575 rows"):
        XLSX.piece([["one more"]], MOST_SHEET_ROWS + 1)


def test_exporting_costs_the_same_queries_whatever_the_length(
    django_assert_max_num_queries,
):
    for order in OrderFactory.create_batch(40, store=StoreFactory()):
        order.line_items.create(position=0, sku="MUG", quantity=1)
        ship(order)

    for export in EXPORTS[Order].values():
        with django_assert_max_num_queries(5):
            assert len(list(export.rows(Order.objects.all()))) == 41


def test_exporting_needs_its_permission(client):
    OrderFactory()
    staff(client, "view_order")

    text = client.get(reverse(LIST)).content.decode()
    answers = [client.get(reverse(EXPORT)), export(client)]

    assert reverse(EXPORT) not in text
    assert [answer.status_code for answer in answers] == [403, 403]


def test_nobody_exports_what_they_may_not_see(client):
    OrderFactory()
    staff(client, "view_order", "export_orders")

    page = client.get(reverse(EXPORT)).content.decode()
    shipments = export(client, "shipments")
    other_list = export(client, "shipments", url=SHIPMENTS)

    assert 'value="orders"' in page
    assert 'value="shipments"' not in page
    assert "not one of the available choices" in shipments.content.decode()
    assert other_list.status_code == 403
