"""What the columns of carriers' and tools' files are called, in many languages."""

import re
import unicodedata

# The surest names first. Case, accents, signs and blanks don't matter.
TEXTS = {
    "order": """
        marketplace order id, order number, order no, order nr, order num, order id,
        order, order code, customer order number, customer order no, customer order id,
        client order id, merchant order id, seller order id, shop order id,
        platform order id, external order id, sales order, sales order number,
        order reference, order reference number, order ref,
        numéro de commande, numéro de la commande, n° de commande, no de commande,
        n° commande, no commande, numéro commande, num commande, id commande,
        identifiant commande, commande, commande n°, référence commande, réf commande,
        référence de commande, référence de la commande,
        Bestellnummer, Bestell-Nr, Bestellnr, Bestell-ID, Auftragsnummer, Auftragsnr,
        número de orden, núm de orden, n° de orden, no de orden, orden,
        número de pedido, núm de pedido, n° de pedido, no de pedido, n° pedido,
        no pedido, id de pedido, id pedido, pedido, número do pedido, código do pedido,
        numero ordine, numero d’ordine, n° ordine, id ordine, ordine,
        bestelnummer, ordernummer, ordrenummer, beställningsnummer,
        číslo objednávky, kód objednávky, objednávka,
        numer zamówienia, nr zamówienia, zamówienie, номер заказа, заказ,
        sipariş no, sipariş numarası,
        订单号, 订单编号, 订单号码, 平台订单号, 客户订单号, 客户单号, 参考号, 参考单号,
        訂單號, 訂單編號, 訂單號碼, 客戶單號, 參考號,
        注文番号, ご注文番号, 注文ID, 受注番号, お客様管理番号, お客様管理ナンバー,
        주문번호, 고객주문번호,
        customer reference, customer reference number, customer ref, client reference,
        your reference, sender reference, shipper reference, recipient reference,
        reference, reference number, reference no, reference id, ref, ref number,
        ref no,
        votre référence, référence client, réf client, référence du client,
        référence expéditeur, réf expéditeur, référence destinataire, réf destinataire,
        Sendungsreferenz, Kundenreferenz, Referenznummer, Referenz, Ihre Referenz,
        referencia, referencia cliente, referencia del cliente, su referencia,
        referência, riferimento, riferimento cliente, uw referentie, referentie
    """,
    "tracking_number": """
        tracking number, tracking numbers, tracking no, tracking nr, tracking num,
        tracking id, tracking code, tracking, track number, tracking reference,
        numéro de suivi, n° de suivi, no de suivi, n° suivi, no suivi, code de suivi,
        code suivi, numéro suivi, num suivi, suivi, numéro de tracking, n° tracking,
        Sendungsnummer, Sendungsnr, Sendungs-ID, Sendungsverfolgungsnummer,
        Trackingnummer, Tracking-Nr, Paketnummer, Paketnr, Paketscheinnummer,
        código de rastreo, número de rastreo, n° de rastreo, código de seguimiento,
        número de seguimiento, n° de seguimiento, no de seguimiento, seguimiento,
        número de guía, n° de guía, guía, código de rastreio, código rastreio,
        código de rastreamento, número de rastreio, rastreio, rastreamento,
        numero di tracking, numero tracking, codice tracking, codice di tracciamento,
        trackingnummer, track and trace, track trace, track and trace code,
        číslo zásilky, číslo balíku, sledovací číslo, podací číslo, kód zásilky,
        numer przesyłki, nr przesyłki, numer śledzenia, numer listu przewozowego,
        трек номер, трек, номер отслеживания, takip no, takip numarası, kargo takip no,
        跟踪号, 跟踪号码, 跟踪单号, 追踪号, 追踪单号, 运单号, 运单编号, 物流单号,
        物流跟踪号,
        快递单号, 转单号, 追蹤號, 追蹤號碼, 追蹤編號, 運單號, 運單編號, 物流單號,
        快遞單號,
        お問い合わせ番号, お問い合せ番号, お問い合わせ伝票番号, お問合せ番号, 追跡番号,
        追跡ID,
        送り状番号, 伝票番号, 운송장번호, 송장번호, 등기번호,
        numéro de colis, n° de colis, no de colis, n° colis, no colis, numéro colis,
        numéro d’expédition, n° d’expédition, n° expédition, numéro expédition,
        numéro d’envoi, n° d’envoi, n° envoi, numéro de LT, n° de LT, n° LT,
        numéro de lettre de transport, numéro de bordereau, numéro d’étiquette,
        parcel number, parcel no, label number, consignment number, consignment no,
        shipment number, shipment no, waybill number, waybill no, waybill, air waybill,
        air waybill number, awb number, awb no, awb, Frachtbriefnummer,
        número de envío, n° de envío, numero spedizione, numero di spedizione,
        lettera di vettura, zendingnummer
    """,
    "carrier": """
        carrier, carrier name, shipping carrier, courier, courier name,
        tracking company,
        courier company, shipping provider,
        logistics provider, carrier code, ship via, shipped via,
        transporteur, nom du transporteur, nom transporteur,
        Versanddienstleister, Paketdienst, Spediteur, transportista, transportadora,
        empresa de transporte, corriere, vettore, vervoerder, dopravce, przewoźnik,
        kurier, перевозчик, kargo firması,
        物流渠道, 承运商, 物流公司, 物流商, 快递公司, 承運商, 快遞公司,
        配送業者, 配送会社, 運送会社, 運送業者, 택배사
    """,
    "shipped_at": """
        shipped at, ship date, shipped on, shipping date, date shipped, shipped date,
        shipment date, dispatch date, despatch date, mailing date, date of shipment,
        date d’expédition, date expédition, date d’envoi, date envoi, expédié le,
        Versanddatum, Versendet am, fecha de envío, data de envio, data spedizione,
        data di spedizione, verzenddatum, datum odeslání, data wysyłki, data nadania,
        дата отправки, 发货日期, 发货时间, 出貨日期, 出貨時間, 発送日, 出荷日, 발송일
    """,
    "status": """
        label status, status of label, shipment status, package status, parcel status,
        tracking status, status, order status, refund status, void status,
        void, voided, is voided, label voided, void indicator, void date, voided at,
        voided on, cancelled, canceled, is cancelled, is canceled, cancelled at,
        canceled at, cancellation date, refunded, is refunded, refunded at,
        return, is return, return label, is return label,
        statut, statut du colis, statut de l’étiquette, statut de l’envoi, état,
        état du colis, état de l’envoi, annulé, annulée, annulé le, remboursé, retour,
        Sendungsstatus, storniert, estado del envío, stato spedizione,
        stav, stav zásilky, статус, durum, 状态, 面单状态, 运单状态, 订单状态, 狀態,
        ステータス, 状態, 상태
    """,
}
# What may stand before such a name and says no more.
PARCEL = "package|parcel|shipment"
BEFORE = {
    "order": re.compile(PARCEL),
    "tracking_number": re.compile(
        f"{PARCEL}|shipping|order|carrier|courier|usps|ups|fedex|dhl|dpd|gls|tnt|ontrac"
    ),
}


def words(text: str) -> str:
    """Return a text without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join(re.sub(r"[\W_]+", " ", plain.casefold()).split())


def bare(name: str) -> str:
    """Return a column's name without case, accents, signs and blanks.

    Nor the number of a doubled name, or of the first of several references.
    """
    plain = words(re.sub(r"\(\d+\)$", "", name)).replace(" ", "")
    return plain.rstrip("0123456789") if "ref" in plain else plain.removesuffix("1")


KNOWN = {
    meaning: {bare(name): place for place, name in reversed(list(enumerate(names)))}
    for meaning, names in ((key, text.split(",")) for key, text in TEXTS.items())
}


def place(name: str, meaning: str) -> tuple[int, bool] | None:
    """Return how sure a bare name has this meaning, the least the surest."""
    known = KNOWN[meaning]
    if name in known:
        return known[name], False
    before = BEFORE[meaning].match(name) if meaning in BEFORE else None
    rest = name[before.end() :] if before else ""
    return (known[rest], True) if rest in known else None
