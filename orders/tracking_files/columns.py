"""Which column of a carrier's file holds what: guessed from its names, remembered."""

import re
import unicodedata
from datetime import date, datetime, time

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from orders.models import TrackingFile
from stores.models import Store

NOON = time(12)
MEANINGS = {
    "order": _("Order number"),
    "tracking_number": _("Tracking number"),
    "carrier": _("Carrier"),
    "shipped_at": _("Shipped on"),
}
REQUIRED = ("order", "tracking_number")
# The names a column may have, the surest first; also the French ones, bare of accents.
NAMES = {
    "order": [
        *("marketplace order id", "order number", "order no", "order nr", "order id"),
        *("order", "order reference", "order ref", "numero de commande"),
        *("n de commande", "no de commande", "n commande", "no commande"),
        *("numero commande", "id commande", "commande", "reference commande"),
        *("ref commande", "reference de commande", "customer reference"),
        *("votre reference", "your reference", "reference client", "reference", "ref"),
    ],
    "tracking_number": [
        *("tracking number", "tracking no", "tracking nr", "tracking id"),
        *("tracking code", "tracking", "numero de suivi", "n de suivi", "no de suivi"),
        *("code de suivi", "numero suivi", "suivi", "numero de colis", "n de colis"),
        *("no de colis", "numero colis", "parcel number", "shipment number"),
        *("waybill", "waybill number", "awb"),
    ],
    "carrier": [
        *("carrier", "carrier name", "shipping carrier", "courier"),
        *("transporteur", "nom du transporteur"),
    ],
    "shipped_at": [
        *("shipped at", "ship date", "shipped on", "shipping date", "date shipped"),
        *("shipment date", "dispatch date", "date d expedition", "date expedition"),
        *("date d envoi", "date envoi", "expedie le"),
    ],
}

Mapping = dict[str, int]


def guess(header: list[str], lines: list[list]) -> Mapping:
    """Return the columns whose names tell what they hold.

    A column of dates is left out when the dates could be read in two ways.
    """
    names = [_bare(name) for name in header]
    found: Mapping = {}
    for meaning, known in NAMES.items():
        for name in known:
            if name in names and names.index(name) not in found.values():
                found[meaning] = names.index(name)
                break
    column = found.get("shipped_at")
    if column is not None:
        cells = [cell(row, column) for _number, row in lines]
        if not all(read_day(text) for text in cells if text):
            del found["shipped_at"]
    return found


def remember(header: list[str]) -> tuple[Mapping, str] | None:
    """Return the columns and the carrier of the last file with this header."""
    last = TrackingFile.objects.filter(header=header).exclude(mapping={})
    return last.values_list("mapping", "carrier").first()


def cell(row: list[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def read_day(text: str) -> date | datetime | None:
    """Return a day as 2026-11-24 or a moment, None when it is neither."""
    try:
        return parse_date(text) or parse_datetime(text)
    except ValueError:
        return None


def read_moment(day: date | datetime, store: Store, now: datetime) -> datetime:
    """Return when a parcel left: now for today, noon in the store's zone before."""
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=store.zone)
    if day == now.astimezone(store.zone).date():
        return now
    return datetime.combine(day, NOON, tzinfo=store.zone)


def _bare(name: str) -> str:
    """Return a column's name without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())
