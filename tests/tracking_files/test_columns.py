"""Which column holds what: by its name in real exports, or by our order numbers."""

import pytest

from orders.models import TrackingFile
from orders.tracking_files.columns import guess, order_number, rank
from orders.tracking_files.files import read_file
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import NUMBER
from tests.support.tracking_files import as_file


@pytest.mark.parametrize(
    ("header", "order", "tracking_number"),
    [
        ("OrderId,ShipDate,TrackingNumber", 0, 2),
        ("PackageReference1,PackageTrackingNumber", 0, 1),
        ("Package Ref No.1,Tracking No.,Status", 0, 1),
        ("trackingNumber,reference,shipDate", 1, 0),
        ("Order - Number,Shipment - Tracking Number", 0, 1),
        ("Tracking #,Reference 1,Reference 2", 1, 0),
        ("USPS Tracking Number,Reference Number", 1, 0),
        ("Label Number,Ref #", 1, 0),
        ("Sendungsnummer,Sendungsreferenz", 1, 0),
        ("Bestellnummer,Sendungsnummer", 0, 1),
        ("N° colis,Référence client", 1, 0),
        ("Numéro de colis,Référence expéditeur", 1, 0),
        ("N° Colis,Référence commande", 1, 0),
        ("Numéro d'expédition,Référence", 1, 0),
        ("Numéro de LT,Référence destinataire", 1, 0),
        ("Código de Rastreo,Transportadora,Número de Orden", 2, 0),
        ("Nº de pedido,Nº de seguimiento", 0, 1),
        ("Número do pedido,Código de rastreio", 0, 1),
        ("Numero ordine,Codice tracking,Corriere", 0, 1),
        ("Číslo objednávky,Číslo zásilky,Dopravce", 0, 1),
        ("Numer zamówienia,Numer przesyłki", 0, 1),
        ("Номер заказа,Трек-номер", 0, 1),
        ("订单号,跟踪号,物流渠道", 0, 1),
        ("客户单号,运单号", 0, 1),
        ("参考号,快递单号", 0, 1),
        ("訂單編號,追蹤號碼", 0, 1),
        ("注文番号,お問い合わせ番号,配送業者", 0, 1),
        ("ORDER_ID,TRACKING_NO", 0, 1),
        ("Order ID (1),Tracking Number (2)", 0, 1),
        ("order-id,carrier-code,tracking-number", 0, 2),
        ("UPS Tracking Number,Customer Reference", 1, 0),
        ("Tracking ID,Customer Order No.", 1, 0),
        ("Consignment Number,Sender Reference", 1, 0),
        ("Waybill No.,Your Reference", 1, 0),
        ("N° DE SUIVI,N° DE COMMANDE", 1, 0),
        ("Nro. de orden,Nro. de guía", 0, 1),
        ("Numéro suivi colis,Réf. Commande Client", 1, 0),
        ("TRACKINGNUMBER,ORDERNUMBER", 1, 0),
        ("Sendungs-Nr.,Ref.-Nr.", 1, 0),
        ("Order #,Provider,Service,Tracking Number", 0, 3),
        ("Print Date,Recipient,Tracking #,Class/Service,Refund Type,Order ID", 5, 2),
        ("Recipient,Tracking Number,Carrier,Rubber Stamp 1,Rubber Stamp 2", 3, 1),
        ("Transaction ID,Tracking Number,Tracking Status,Order Reference", 3, 1),
        ("id,created_at,tracking_code,status,reference,refund_status", 4, 2),
        ("Order number,External reference,Tracking number,Tracking URL", 0, 2),
        ("Sendungsnummer,Sendungsreferenz (Kundenreferenz),Sendungsdatum", 1, 0),
        ("Waybill Number,Shipment Reference,Receiver Company Name", 1, 0),
        ("Paketscheinnummer,Kundenreferenz 1,Empfängername", 1, 0),
        ("Parcel No.,Reference 1,Reference 2,Consignee Name", 1, 0),
        ("Parcel number,Customer's reference number,TrackID", 1, 0),
        ("Numero spedizione GLS,Riferimento cliente,DDT", 1, 0),
        ("NumeroColis,ReferenceExpediteur,NomDestinataire", 1, 0),
        ("N° colis,Réf. chargeur,Date création", 1, 0),
        ("Num. Expédition,Réf. Client,Nom destinataire", 1, 0),
        ("Barcode,Sender's reference,Service", 1, 0),
        ("Channel reference,Order number,Date ordered,Tracking number", 1, 3),
        ("Código de envío,Referencia cliente,Fecha de admisión", 1, 0),
        ("Cod. Envío,Ref. Cliente,Destinatario", 1, 0),
        ("Codice spedizione,Riferimento ordine,Destinatario", 1, 0),
        ("LDV,Rif. Cliente", 1, 0),
        ("Track & Trace code,Zendingsreferentie,Bestelling", 2, 0),
        ("Barcode,Klantreferentie,Naam", 1, 0),
        ("交易订单号,物流订单号,运单号,物流公司", 0, 2),
        ("Trade Order ID,LP Number,Waybill Number", 0, 2),
        ("CustomerOrderNumber,WayBillNumber,TrackingNumber", 0, 2),
        ("客户单号,4PX单号,服务商单号,物流产品", 0, 2),
        ("Ref No.,4PX Tracking No.,Channel Tracking No.", 0, 1),
        ("Sales Record Number,Buyer Username,Tracking Number", 0, 2),
        ("order-id,order-item-id,ship-date,carrier-name,tracking-number", 0, 4),
        ("Order ID,Date Shipped,Tracking Number,Carrier Name", 0, 2),
        ("Name,Fulfillment: Tracking Number,Order Number", 2, 1),
        ("order_id,tracking_provider,tracking_number,date_shipped", 0, 2),
        ("Numéro cde client,Suivi colis", 0, 1),
        ("Auftrag,Identcode", 0, 1),
        ("Client Ref,TrackID", 0, 1),
        ("Order Name,Trk #,Customer Ref No", 2, 1),
        ("订单ID,尾程单号", 0, 1),
        ("オーダー番号,問い合わせ番号", 0, 1),
        ("Order No,Last Mile Tracking Number", 0, 1),
        ("Tophatter Order ID,Tracking Number (2)", 0, 1),
        ("Platform Order Number,Courier,Tracking Number", 0, 2),
        ("Reference Number,Postal Tracking Number,Postal Service", 0, 1),
        ("Tracking Number/PIN,Customer Reference 1", 1, 0),
        ("Consignment ID,Article ID,Customer Reference", 2, 0),
        ("Numer nadania,Nr zamówienia", 1, 0),
        ("Číslo zásilky,Číslo obj.", 1, 0),
        ("お客様管理番号,お問い合せ送り状No.", 0, 1),
        ("注文番号,お荷物伝票番号,配送会社", 0, 1),
        ("# de venta,Número de seguimiento", 0, 1),
        ("ШПИ,№ заказа", 1, 0),
        ("Sipariş Numarası,Kargo Takip Numarası", 0, 1),
        ("SIPARIS NO,KARGO TAKIP NO", 0, 1),
        ("Numer przesylki,Numer zamowienia", 1, 0),
        ("Ordernummer,Kollinummer", 0, 1),
        ("Rendelésszám,Csomagszám", 0, 1),
        ("Numar comanda,AWB", 0, 1),
        ("Externe Bestellnummer,Sendungsverfolgungscode", 0, 1),
        ("订单号 Order No.,跟踪号 Tracking No.", 0, 1),
        ("N° de commande / Order number,N° de suivi / Tracking number", 0, 1),
    ],
)
def test_the_columns_of_real_exports_are_known(header, order, tracking_number):
    names = header.split(",")

    found = guess(names, [[2, [f"cell of {name}" for name in names]]])

    assert (found["order"], found["tracking_number"]) == (order, tracking_number)


@pytest.mark.parametrize(
    "name",
    [
        *("Return Tracking Number", "Tracking URL", "State", "Phone number"),
        *("Order Date", "Order Total", "Shipment ID", "Carrier Reference", "Name"),
        *("Shipping Company", "Shipping Method", "Service", "Print Date", "Item ID"),
        *("Tracking Number (Return)", "Tracking (URL)", "Barcode"),
        *("Payment Reference", "Référence produit", "N°", "#", "Number", "Web", "GLS"),
        *(
            "Numéro client",
            "Kundennummer",
            "Retourensendungsnummer",
            "订单日期",
            "Envío",
        ),
    ],
)
def test_a_column_of_something_else_is_not_guessed(name):
    assert guess([name], [[2, ["1"]]]) == {}


def test_of_two_columns_of_a_name_the_filled_one_counts():
    header = ["Order", "Tracking Number", "Tracking Number (2)"]

    assert guess(header, [[2, ["1", "", "A1"]]])["tracking_number"] == 2
    assert guess(header, [[2, ["1", "A1", "A2"]]])["tracking_number"] == 1


@pytest.mark.parametrize("barcode", ["5901234123457", "012345678905", "96385074"])
def test_the_barcode_of_a_product_is_no_parcels(barcode):
    header = ["Order number", "Barcode"]

    assert guess(header, [[2, ["1", barcode]]]) == {"order": 0}
    assert guess(header, [[2, ["1", "3SABCD1234567"]]])["tracking_number"] == 1


@pytest.mark.parametrize(
    "number",
    [
        *("LX123456785CN", "RB 123 456 785 CN", "1Z999AA10123456784", NUMBER),
        *(f"42094022{NUMBER}", "92023999991043543415313958"),
    ],
)
def test_a_column_of_numbers_that_can_be_nothing_else_is_known_by_them(number):
    header = ["Order", "Collo", "Telefono"]

    found = guess(header, [[2, ["1", number, "14155552671"]]])

    assert found == {"order": 0, "tracking_number": 1}


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (["Order", "A", "B"], [["1", NUMBER, "LX123456785CN"]]),
        (["Order", "Return label no"], [["1", "LX123456785CN"]]),
        (["Order", "Retour"], [["1", "LX123456785CN"]]),
        (["Order", "A"], [["1", "LX123456785CN"], ["2", "4155552671"]]),
        (["Order", "Phone"], [["1", "14155552671"]]),
        (["Order", "A"], [["1", "12345678901234567890"]]),
        (["120000001", "LX123456803CN"], [["120000002", "LX123456785CN"]]),
    ],
)
def test_numbers_that_may_be_something_else_or_of_a_return_are_not_guessed(
    header, rows
):
    lines = [[number, row] for number, row in enumerate(rows, 2)]

    assert "tracking_number" not in guess(header, lines)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Name", "Order date", "Tracking number"])
def test_a_column_of_our_order_numbers_is_the_orders_whatever_its_name(name):
    rows = [[str(number), f"#{OrderFactory()}"] for number in range(9)]
    data = as_file(*rows, ["9", "404"], header=["Reference", name])

    assert read_file("a.csv", data).mapping == {"order": 1}


@pytest.mark.django_db
def test_of_several_columns_of_our_order_numbers_the_named_one_counts():
    order = OrderFactory()
    row = [str(order), "A1", str(order)]

    file = read_file("a.csv", as_file(row, header=["Name", "Tracking", "Order"]))

    assert file.mapping == {"order": 2, "tracking_number": 1}


@pytest.mark.django_db
def test_a_column_with_few_of_our_order_numbers_is_not_the_orders():
    rows = [["A1", str(OrderFactory())], ["A2", "404"]]

    file = read_file("a.csv", as_file(*rows, header=["Tracking", "Name"]))

    assert file.mapping == {"tracking_number": 0}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Quantity", "#", "Name"])
def test_a_quantity_is_no_order_of_a_shop_that_numbers_from_one(name):
    store = StoreFactory()
    for number in ("1", "2"):
        OrderFactory(store=store, marketplace_order_id=number)
    rows = [["1", "404", "A1"], ["2", "405", "A2"]]

    file = read_file("a.csv", as_file(*rows, header=[name, "Order", "Tracking"]))

    assert file.mapping == {"order": 1, "tracking_number": 2}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("#120000001", "120000001"), ("120,000,001", "120000001")),
        *(
            ("120.000.001,00", "120000001"),
            ("1,000", "1000"),
            ("120 000 001", "120000001"),
        ),
        *(("１２００００００１", "120000001"), ("59010920,00", "59010920")),
        *(
            ("WC-1042", "WC-1042"),
            ("1042-1", "1042-1"),
            ("№1042", "№1042"),
            ("1.5", "1.5"),
        ),
    ],
)
def test_an_order_number_is_read_through_what_a_spreadsheet_made_of_it(text, number):
    assert order_number(text) == number


@pytest.mark.django_db
def test_what_a_person_chose_wins_over_our_order_numbers():
    data = as_file([str(OrderFactory()), "A1"], header=["Name", "Client"])
    chosen = read_file("a.csv", data)
    chosen.mapping = {"order": 1, "tracking_number": 0}
    chosen.save()

    assert read_file("b.csv", data).mapping == chosen.mapping
    assert TrackingFile.objects.count() == 1


def test_a_row_of_names_is_told_by_what_a_table_needs():
    assert rank(["Order", "Tracking", "Carrier"]) == 2
    assert rank(["Report of", "2026-11-24"]) == 0
