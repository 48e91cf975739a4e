"""Which column holds what: by its name in real exports, or by our order numbers."""

import pytest

from orders.models import TrackingFile
from orders.tracking_files.columns import guess, rank
from orders.tracking_files.files import read_file
from tests.factories import OrderFactory
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
    ],
)
def test_the_columns_of_real_exports_are_known(header, order, tracking_number):
    names = header.split(",")

    found = guess(names, [[2, [name.lower() for name in names]]])

    assert (found["order"], found["tracking_number"]) == (order, tracking_number)


@pytest.mark.parametrize(
    "name",
    [
        *("Return Tracking Number", "Tracking URL", "State", "Phone number"),
        *("Order Date", "Order Total", "Shipment ID", "Carrier Reference", "Name"),
        *("Shipping Company", "Shipping Method", "Service", "Print Date", "Item ID"),
    ],
)
def test_a_column_of_something_else_is_not_guessed(name):
    assert guess([name], [[2, ["1"]]]) == {}


def test_of_two_columns_of_a_name_the_filled_one_counts():
    header = ["Order", "Tracking Number", "Tracking Number (2)"]

    assert guess(header, [[2, ["1", "", "A1"]]])["tracking_number"] == 2
    assert guess(header, [[2, ["1", "A1", "A2"]]])["tracking_number"] == 1


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
