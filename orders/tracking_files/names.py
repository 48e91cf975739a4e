"""What the columns of carriers' and tools' files are called, in many languages."""

import re
import unicodedata
from functools import lru_cache

from backoffice.kit.folding import LETTERS
from stores.marketplaces import MARKETPLACES

# The surest names first. Case, accents, signs, blanks, articles and the ways to write
# “number” don't matter.
TEXTS = {
    "order": """
        marketplace order id, order number, order id, order, order code, order sn,
        customer order number, customer order id, client order id,
        merchant order number, merchant order id, seller order id, shop order number,
        shop order id, platform order id, external order id, sales order number,
        sales order, sales record number, order reference, order reference number,
        order ref,
        numéro de commande, commande n°, id commande, identifiant commande, commande,
        numéro de cde, cde, réf cde, cde client, numéro de cde client,
        référence commande, réf commande, numéro de commande client,
        réf commande client, référence commande client,
        Bestellnummer, Bestell-ID, Auftragsnummer, Auftrag,
        número de orden, orden, número de pedido, id de pedido, pedido,
        número de venta, código do pedido, id do pedido, número da encomenda,
        numero ordine, id ordine, ordine, numero ordine cliente,
        bestelnummer, bestel-id, bestelling,
        ordernummer, ordrenummer, ordre, beställningsnummer, tilausnumero, tilaus,
        číslo objednávky, č objednávky, číslo obj, kód objednávky, objednávka,
        numer zamówienia, zamówienie nr, zamówienie, rendelésszám, rendelés száma,
        rendelés, număr comandă, id comandă, comandă, broj narudžbe, narudžba,
        αριθμός παραγγελίας, παραγγελία, номер заказа, код заказа, заказ,
        номер замовлення, замовлення, sipariş numarası, sipariş,
        mã đơn hàng, đơn hàng, số đơn hàng, no pesanan, nomor pesanan, เลขที่คำสั่งซื้อ,
        หมายเลขคำสั่งซื้อ,
        订单号, 订单编号, 订单号码, 平台订单号, 客户订单号, 客户单号, 参考号, 参考编号,
        参考单号, 客户参考号, 订单ID, 订单编码, 原始单号, 销售单号, 交易号, 订单,
        訂單號, 訂單編號, 訂單號碼, 客戶單號, 參考號, 訂單,
        注文番号, ご注文番号, 注文ID, 受注番号, お客様管理番号, お客様側管理番号,
        管理番号, オーダー番号, 주문번호, 주문ID, 고객주문번호,
        customer reference, customer reference number, customer ref,
        customer ref number, client reference, client ref, shipper ref,
        your reference, sender reference, shipper reference, recipient reference,
        internal reference, reference, reference number, reference id, reference field,
        ref, ref number, votre référence, référence client, réf client,
        référence expéditeur, réf expéditeur, référence destinataire,
        réf destinataire, référence expédition, référence interne,
        référence chargeur, réf chargeur, référence externe,
        Sendungsreferenz, Kundenreferenz, Referenznummer, Referenz, Ihre Referenz,
        referencia, referencia cliente, ref cliente, referencia pedido, su referencia,
        referência, riferimento, riferimento cliente, riferimento ordine,
        riferimento mittente, rif cliente, rif ordine, rif mittente,
        uw referentie, klantreferentie, zendingsreferentie, referentie,
        referens, referanse, referencja, referenční číslo, rubber stamp
    """,
    "tracking_number": """
        tracking number, tracking id, tracking code, tracking, track number,
        tracking reference, tracking reference number, tracking ref, trk number,
        numéro de suivi, code de suivi, suivi,
        numéro de suivi colis, numéro de tracking, numéro de repérage,
        tracking number pin,
        Sendungsnummer, Sendungs-ID, Sendungsverfolgungsnummer,
        Sendungsverfolgungscode, Sendungsverfolgung, Trackingnummer, Trackingcode,
        Paketnummer, Paketscheinnummer, Versandnummer,
        código de rastreo, número de rastreo, código de seguimiento,
        número de seguimiento, seguimiento, número de guía, guía, código de rastreio,
        código de rastreamento, número de rastreio, rastreio, rastreamento,
        numero tracking, codice tracking, codice di tracciamento,
        numero di tracciamento,
        track and trace, track & trace, track and trace code, track & trace code,
        track en trace, track & trace nummer, t&t code,
        spårningsnummer, kollinummer, sändningsnummer, försändelsenummer, pakkenummer,
        sporingsnummer, sporingskode, seurantakoodi, lähetystunnus, lähetysnumero,
        číslo zásilky, č zásilky, číslo balíku, sledovací číslo, podací číslo,
        kód zásilky,
        numer przesyłki, numer śledzenia, numer listu, numer listu przewozowego,
        numer nadania, numer paczki, csomagszám, nyomkövetési szám,
        broj pošiljke, αριθμός αποστολής, κωδικός αποστολής,
        трек номер, трек код, трек, номер отслеживания, номер отправления, ШПИ,
        номер накладной, накладная, номер ТТН, ТТН,
        takip numarası, takip kodu, kargo takip numarası, kargo takip kodu,
        gönderi numarası, gönderi takip numarası, mã vận đơn, mã theo dõi,
        no resi, nomor resi, resi, เลขพัสดุ, หมายเลขพัสดุ,
        跟踪号, 跟踪号码, 跟踪单号, 追踪号, 追踪单号, 服务商单号, 运单号, 运单编号,
        运单号码, 物流单号, 物流运单号, 物流跟踪号, 快递单号, 快递编号, 转单号,
        国际单号, 国际运单号, 国内运单号, 尾程单号, 物流追踪号, 面单号, 云途单号,
        4px单号,
        追蹤號, 追蹤號碼, 追蹤編號, 運單號, 運單編號, 物流單號, 快遞單號, 寄件單號,
        お問い合わせ番号, お問い合せ番号, お問い合わせ伝票番号, お問合せ番号,
        問い合わせ番号, 問合せ番号, 配送伝票番号, 出荷番号, 発送番号,
        お問い合わせ送り状番号, お問い合せ送り状番号, お荷物伝票番号, 追跡番号,
        追跡ID, 送り状番号, 伝票番号, 운송장번호, 송장번호, 등기번호, 추적번호,
        numéro de colis, numéro d’expédition, numéro d’envoi, numéro de LT,
        numéro de lettre de transport, numéro de bordereau, numéro d’étiquette,
        numéro de pli, numéro d’objet, code colis, suivi colis, Identcode,
        localizador, número de expedición, list przewozowy,
        connote, con note number, consignment ref, colli nummer,
        parcel number, label number, track id, consignment number,
        consignment id, consignment, shipment number, logistics number,
        waybill number, waybill, air waybill, air waybill number, awb number, awb,
        Frachtbriefnummer, número de envío, código de envío, cod envío,
        número de objeto, código do objeto, numero spedizione, codice spedizione,
        lettera di vettura, ldv, zendingnummer, zendingsnummer
    """,
    "carrier": """
        carrier, carrier name, shipping carrier, courier, courier name,
        tracking company, tracking provider, courier company, courier code,
        shipping provider, logistics provider, carrier code, ship via, shipped via,
        transporteur, nom du transporteur, Versanddienstleister, Versanddienst,
        Paketdienst, Spediteur, transportista, transportadora, empresa de transporte,
        corriere, vettore, vervoerder, transportör, dopravce, przewoźnik, kurier,
        futárszolgálat, перевозчик, kargo firması, 物流渠道, 承运商, 物流公司, 物流商,
        快递公司, 承運商, 快遞公司, 配送業者, 配送会社, 運送会社, 運送業者, 택배사
    """,
    "shipped_at": """
        shipped at, ship date, shipped on, shipping date, date shipped, shipped date,
        shipment date, dispatch date, despatch date, mailing date, mail date,
        date of shipment, shipped on date, fulfilled at, date de dépôt,
        date d’expédition, date d’envoi, expédié le, Versanddatum, Versendet am,
        Sendungsdatum, fecha de admisión, fecha de envío, data de envio,
        data spedizione, verzenddatum, datum odeslání,
        data wysyłki, data nadania, дата отправки,
        发货日期, 发货时间, 出貨日期, 出貨時間, 発送日, 出荷日, 발송일
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
ARTICLES = re.compile(r"\b(?:the|of|de|du|des|la|le|les|l|d|del|do|da|di|o|s)\b")
# What products have too, so that the cells have to be looked at.
BARCODES = """
    barcode, parcel barcode, code-barres, code à barres, code-barres colis, Strichcode,
    streepjescode, código de barras, codice a barre, čárový kód, kod kreskowy,
    条形码, 条码
"""
NUMBER = re.compile(
    "numbers?|nummer|numero|numer|numar(?:a(?:si)?)?|num|nomor|nro|nr|nbr|cislo|broj"
    "|szam|номер|αριθμος|番号"
)
# What may stand beside such a name and says no more.
PARCEL = "package|parcel|shipment"
CARRIERS = (
    "usps|ups|fedex|dhl|dpd|gls|tnt|ontrac|royalmail|postnl|colissimo|chronopost"
    "|correos|evri|yodel|inpost|sf|yunexpress|yanwen|cainiao|4px|顺丰|云途|菜鸟|燕文"
)
SHOPS = "|".join(MARKETPLACES)
BESIDE = {
    "order": re.compile(
        f"^(?:{PARCEL}|{SHOPS}|your|my|buyer|platform|marketplace|channel|trade|web"
        "|shop|external|extern(?:e[rs]?)?|original|交易|平台|电商|店铺|商户)"
    ),
    "tracking_number": re.compile(
        f"^(?:{PARCEL}|master|shipping|order|carrier|courier|fulfill?ment|postal"
        "|label|delivery|(?:last|final)mile"
        f"|{CARRIERS})|(?:{CARRIERS})$"
    ),
}
# What sellers write in two languages or twice: 订单号 Order No., Ref. (Order)
PARTS = re.compile(
    r"[/|()（）\[\]【】\n]|(?<=[\u2e80-\uffdc])\s*(?=[A-Za-z])"
    r"|(?<=[A-Za-z.])\s*(?=[\u2e80-\uffdc])"
)


def words(text: str) -> str:
    """Return a text without case, accents and signs, CamelCase parted."""
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    plain = plain.casefold().translate(LETTERS)
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


# A file has few names, each read for every encoding and delimiter that is tried.
@lru_cache(maxsize=10_000)
def bare(name: str) -> str:
    """Return a column's name without what doesn't matter in it.

    Nor the number of a doubled name, or of the first of several references.
    """
    name = re.sub(r"\(\d+\)$", "", name).replace("#", " no ")
    plain = ARTICLES.sub("", words(name))
    plain = NUMBER.sub("no", re.sub(r"\bn\b", "no", plain).replace(" ", ""))
    return plain.rstrip("0123456789") if "ref" in plain else plain.removesuffix("1")


def _places(names: list[str]) -> dict[str, int]:
    """Return the place of each name among these, the first where two are alike."""
    return {bare(name): at for at, name in reversed(list(enumerate(names)))}


KNOWN = {meaning: _places(text.split(",")) for meaning, text in TEXTS.items()}
_barcodes = _places(BARCODES.split(","))


def place(name: str, meaning: str) -> tuple[int, bool] | None:
    """Return how sure a column's name has this meaning, the least the surest."""
    if found := _place(bare(name), meaning):
        return found
    if not PARTS.search(name):
        return None
    parts = [bare(part) for part in PARTS.split(name)]
    places = [_place(part, meaning) for part in parts if part]
    return max(filter(None, places)) if len(places) > 1 and all(places) else None


def is_barcode(name: str) -> bool:
    return bare(name) in _barcodes


def _place(plain: str, meaning: str) -> tuple[int, bool] | None:
    known = KNOWN[meaning]
    if plain in known:
        return known[plain], False
    rest = BESIDE[meaning].sub("", plain) if meaning in BESIDE else plain
    return (known[rest], True) if rest in known else None
