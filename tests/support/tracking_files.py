"""Carriers' files of tracking numbers, and orders that they are about."""

import csv
import io
from datetime import UTC, datetime

from openpyxl import Workbook

from orders.models import Order, Shipment, TrackingFile
from orders.tracking_files.files import read_file
from tests.support.order_pages import NUMBER

HEADER = ["Order", "Tracking", "Carrier"]
COLUMNS = {"order": 0, "tracking_number": 1, "carrier": 2}
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def as_file(*rows, header=HEADER) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([header, *rows])
    return file.getvalue().encode()


def workbook(*rows, forms=None, sheets_before=()) -> bytes:
    """Return a workbook of these rows, some cells with a number format."""
    book = Workbook()
    for before in sheets_before:
        sheet, book.active = book.active, book.create_sheet()
        for row in before:
            sheet.append(row)
    for row in rows:
        book.active.append(row)
    for cell, form in (forms or {}).items():
        book.active[cell].number_format = form
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def stored(*rows, header=HEADER, **fields) -> TrackingFile:
    file = read_file("carrier.csv", as_file(*rows, header=header), **fields)
    file.save()
    return file


def ship(order, number=NUMBER, **fields) -> Shipment:
    defaults = {"carrier": "OnTrac", "shipped_at": NOW, "notification": "refused"}
    if fields.get("notification") == "not_sent":
        defaults["not_sent_because"] = "store"
    shipment = order.shipments.create(tracking_number=number, **(defaults | fields))
    Order.objects.filter(pk=order.pk).update(has_shipment=True)
    return shipment
