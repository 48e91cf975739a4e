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
# The names a column may have, the surest first.
NAMES = {
    "order": [
        *("marketplace order id", "order number", "order no", "order nr", "order id"),
        *("order", "order reference", "order ref", "numéro de commande"),
        *("n° de commande", "no de commande", "n° commande", "no commande"),
        *("numéro commande", "id commande", "commande", "référence commande"),
        *("réf commande", "référence de commande", "customer reference"),
        *("votre référence", "your reference", "référence client", "reference", "ref"),
        *("订单号", "订单编号", "客户单号", "客户订单号", "平台订单号", "参考号"),
        *("訂單號", "訂單編號", "訂單號碼", "客戶單號", "參考號"),
        *("注文番号", "ご注文番号", "受注番号", "お客様管理番号", "주문번호"),
    ],
    "tracking_number": [
        *("tracking number", "tracking no", "tracking nr", "tracking id"),
        *("tracking code", "tracking", "numéro de suivi", "n° de suivi", "no de suivi"),
        *("code de suivi", "numéro suivi", "suivi", "numéro de colis", "n° de colis"),
        *("no de colis", "numéro colis", "parcel number", "shipment number"),
        *("waybill", "waybill number", "awb"),
        *("跟踪号", "跟踪单号", "追踪号", "物流单号", "运单号", "运单编号", "快递单号"),
        *("追蹤號", "追蹤號碼", "追蹤編號", "運單號", "物流單號", "快遞單號"),
        *("お問い合わせ番号", "お問い合わせ伝票番号", "追跡番号", "伝票番号"),
        *("운송장번호", "송장번호"),
    ],
    "carrier": [
        *("carrier", "carrier name", "shipping carrier", "courier"),
        *("transporteur", "nom du transporteur"),
        *("物流渠道", "承运商", "物流公司", "快递公司", "承運商", "快遞公司"),
        *("配送業者", "配送会社", "運送会社", "택배사"),
    ],
    "shipped_at": [
        *("shipped at", "ship date", "shipped on", "shipping date", "date shipped"),
        *("shipment date", "dispatch date", "date d’expédition", "date expédition"),
        *("date d’envoi", "date envoi", "expédié le"),
        *("发货日期", "发货时间", "出貨日期", "発送日", "出荷日", "발송일"),
    ],
}

Mapping = dict[str, int]


def guess(header: list[str], lines: list[list]) -> Mapping:
    """Return the columns whose names tell what they hold.

    A column of dates is left out when the dates could be read in two ways.
    """
    names = [_bare(name) for name in header]
    found: Mapping = {}
    for meaning, known in KNOWN.items():
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


def rank(row: list[str]) -> int:
    """Return how many of the columns that a table needs a row names."""
    return len(set(REQUIRED) & guess(row, []).keys())


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
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


KNOWN = {meaning: [_bare(name) for name in names] for meaning, names in NAMES.items()}
