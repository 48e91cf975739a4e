"""Dead labels in carriers' files: which ones are, and that they ship nothing."""

import pytest

from orders.models import Shipment, TrackingFile
from orders.tracking_files.columns import guess
from orders.tracking_files.dead_labels import dead_word
from orders.tracking_files.files import leave_out, lines_of, refused_csv, take_file
from tests.factories import OrderFactory
from tests.support.tracking_files import NOW, stored

HEADER = ["Order ID", "Tracking Number", "Carrier", "Status"]


@pytest.mark.parametrize(
    "text",
    [
        *("VOID", "Voided", "Refunded", "Refund Requested", "Cancelled", "CANCELED"),
        *("Return", "Returned to sender", "RTS", "Label voided on 2026-11-20"),
        *("Annulé", "ANNULÉE", "Remboursé", "Remboursement demandé", "Retour"),
        *("Retourné à l’expéditeur", "Storniert", "Anulado", "Devuelto", "作废"),
        *(
            "已取消",
            "无效",
            "キャンセル済み",
            "취소",
            "Void - duplicate",
            "Colis retourné",
        ),
        *("RefundRequested", "labelVoided", "VOIDED_LABEL"),
        *("Cancelation", "Voids", "Retours", "Returns", "Refunds"),
        *("Canceling", "Cancelled upstream", "CANX", "REFUNDPENDING", "Label expired"),
        *("Annulation en cours", "Expirée", "Gelöscht", "Zurückgesendet", "Ungültig"),
        *("Eliminado", "Stornato", "Verwijderd", "Makulerad", "Annulleret", "Retur"),
        *("Palautettu", "Sztornó", "Anulat", "Stornováno", "Zwrócona", "Poništeno"),
        *("Отменена", "Аннулировано", "Возвращено", "Удалено", "Скасовано", "İADE"),
        *("Ακυρώθηκε", "Đã hủy", "Dibatalkan", "ملغي", "בוטל"),
        *("已删除", "已撤销", "已失效", "已拦截", "반송", "무효"),
    ],
)
def test_a_status_that_says_so_is_dead(text):
    assert dead_word("Status", text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "Active", "Shipped", "Printed", "Delivered", "In Transit", "Expédié"),
        *("Not voided", "Non remboursé", "Refund rejected", "Partially refunded"),
        *("Non-refundable", "Returnable", "Return receipt", "Yes", "2026-11-20"),
        *("未取消", "正常", "已发货", "Refund: none", "Pas de retour", "Unvoided"),
        *(
            "NotVoided",
            "not_refunded",
            "Niet geannuleerd",
            "Не отменено",
            "Não anulado",
        ),
        *("Nie anulowano", "Annulation impossible", "Storno abgelehnt"),
    ],
)
def test_a_status_that_does_not_is_alive(text):
    assert not dead_word("Status", text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("Voided", text) for text in ("Yes", "Y", "TRUE", "1", "x", "V", "Oui")),
        *(("Voided", text) for text in ("2026-11-20 08:30", "Nov 24, 2025", "✓")),
        *(("Void Indicator", "V"), ("VoidDate", "24 Nov 2025"), ("Refunded", "$3.50")),
        *(("Refund Status", text) for text in ("submitted", "Completed", "Issued")),
        *(("Refund Status", text) for text in ("Processed", "Pending", "Accepted")),
        *(("Remboursé le", "20/11/2026"), ("是否取消", "是"), ("Storniert", "Ja")),
        *(("Voided (Y/N)", "Y"), ("Void reason", "duplicate"), ("VOIDED?", "T")),
        *(("Returned to sender", "Yes"), ("Stornierungsdatum", "24.11.2026")),
        *(("取消フラグ", "1"), ("취소여부", "Y"), ("Fecha de anulación", "2026-11-20")),
        *(("ShipmentInformation_VoidIndicator", "Y"), ("Refund Type", "Electronic")),
        *(("Makulerad", "Ja"), ("Datum zrušení", "2026-11-20"), ("是否作废", "是")),
    ],
)
def test_what_stands_under_a_name_that_says_dead_is_dead(name, text):
    assert dead_word(name, text) == f"{name}: {text}"


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "—", "No", "N", "FALSE", "0", "0.00", "$0.00", "0000-00-00"),
        *("None", "N/A", "null", "Non", "Nein", "否", "未取消", "Not voided"),
        *("Rejected", "Denied", "Refund denied", "Active", "Delivered", "Outbound"),
        *("USD 0.00", "0,00 EUR", "1899-12-30", "Unvoided", "not_voided"),
        *("Not requested", "Aucun", "Actif", "In transit"),
    ],
)
def test_what_says_no_under_such_a_name_is_alive(text):
    for name in ("Voided", "Refund Status", "Return"):
        assert not dead_word(name, text)


@pytest.mark.parametrize(
    ("header", "cells", "status"),
    [
        (HEADER, ["Active", "VOID"], 3),
        ([*HEADER[:3], "Statut"], ["Expédié", "Annulé"], 3),
        ([*HEADER[:3], "Kind"], ["Outbound", "Return"], 3),
        ([*HEADER[:3], "Kind"], ["Shipped", "Returning to shipper"], 3),
        ([*HEADER[:3], "Kind"], ["Active", "Colis annulé"], 3),
        ([*HEADER[:3], "Kind"], ["Created", "Demande d’annulation"], 3),
        ([*HEADER[:3], "备注"], ["正常", "已取消"], 3),
        ([*HEADER[:3], "備考"], ["発送済み", "返金済み"], 3),
        ([*HEADER[:3], "Note"], ["Customer wants a refund", "Return"], None),
        ([*HEADER[:3], "Item"], ["Void filler", "Return of the owl"], None),
        ([*HEADER[:3], "Note"], ["Active", "Shipped"], None),
    ],
)
def test_the_column_is_known_by_its_name_or_its_cells(header, cells, status):
    lines = [
        [2, ["1", "A12345", "USPS", cells[0]]],
        [3, ["2", "A22345", "USPS", cells[1]]],
    ]

    assert guess(header, lines).get("status") == status


def test_of_several_columns_the_one_with_a_dead_label_counts():
    header = ["Order", "Tracking", "Status", "Voided"]

    assert guess(header, [[2, ["1", "A12345", "Active", "Yes"]]])["status"] == 3


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["Refunded", "Voided", "Return", "Annulé"])
def test_a_dead_label_ships_nothing(word):
    file = stored([str(OrderFactory()), "A12345", "USPS", word], header=HEADER)

    (line,) = take_file(file)

    assert line.result == "refused"
    assert f"The file says “{word}” of this label" in line.sentence
    assert not Shipment.objects.exists()


@pytest.mark.django_db
def test_a_dead_label_frees_its_order_for_the_next_one():
    order = OrderFactory()
    file = stored(
        [str(order), "LX123456785CN", "China Post", "Voided"],
        [str(order), "LX123456794CN", "China Post", "Shipped"],
        header=HEADER,
    )

    lines = take_file(file)

    assert [line.result for line in lines] == ["refused", "shipped"]
    assert order.shipments.get().tracking_number == "LX123456794CN"


@pytest.mark.django_db
def test_a_label_that_another_line_voids_is_dead_on_both():
    order = OrderFactory()
    file = stored(
        [str(order), "A12345", "OnTrac", "Active"],
        [str(order), "a 12345", "OnTrac", "VOID"],
        [str(order), "", "OnTrac", "VOID"],
        header=HEADER,
    )

    assert [line.result for line in lines_of(file, NOW)] == ["refused"] * 3
    leave_out(file, ticked={3}, unticked=set())
    assert lines_of(file, NOW)[0].result == "refused"


@pytest.mark.django_db
def test_a_dead_label_is_noticed_in_columns_chosen_earlier_too():
    row = [str(OrderFactory()), "A12345", "USPS"]
    old = stored([*row, "Active"], header=HEADER)
    TrackingFile.objects.update(mapping={"order": 0, "tracking_number": 1})

    file = stored([*row, "Voided"], header=HEADER)

    assert old.mapping["status"] == 3
    assert file.mapping == {"order": 0, "tracking_number": 1, "status": 3}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names", "earlier", "cells"),
    [
        (["Status", "Void status"], ["delivered", "no"], ["printed", "Voided"]),
        (["Status", "Kind"], ["printed", "Outbound"], ["printed", "Return"]),
        (["Label status", "Refunded"], ["Cancelled", ""], ["Printed", "Yes"]),
        (["Void Date", "Refund Date"], ["2026-11-20", ""], ["", "2026-11-20"]),
        (["Statut", "Date d’annulation"], ["Annulé", ""], ["Créé", "2026-11-20"]),
        (["状态", "是否取消"], ["作废", ""], ["正常", "是"]),
    ],
)
def test_every_column_that_tells_of_dead_labels_is_asked(names, earlier, cells):
    header = [*HEADER[:3], *names]
    row = [str(OrderFactory()), "A12345", "USPS"]
    stored([*row, *earlier], header=header)

    file = stored(["1", "A22345", "USPS", *earlier], [*row, *cells], header=header)

    assert "of this label" in lines_of(file, NOW)[1].sentence


@pytest.mark.parametrize(
    "name", ["Return address", "Return tracking number", "Refund amount", "Void fee"]
)
def test_a_name_that_is_about_something_else_is_no_status(name):
    assert "status" not in guess([*HEADER[:3], name], [[2, ["1", "A1", "USPS", "x"]]])


@pytest.mark.django_db
def test_a_person_may_want_no_status_asked():
    file = stored([str(OrderFactory()), "A12345", "OnTrac", "Voided"], header=HEADER)
    del file.mapping["status"]

    assert lines_of(file, NOW)[0].result == "ready"


@pytest.mark.django_db
def test_a_line_left_out_ships_nothing_and_frees_its_order():
    order, other = OrderFactory.create_batch(2)
    file = stored(
        [str(order), "A12345", "OnTrac"],
        [str(order), "A22345", "OnTrac"],
        [str(other), "B12345", "OnTrac"],
    )
    leave_out(file, ticked={3, 4, 99}, unticked=set())
    leave_out(file, ticked={2}, unticked={3})

    lines = take_file(file)

    assert [line.result for line in lines] == ["left_out", "shipped", "left_out"]
    assert lines[0].sentence == "A person left this line out."
    assert file.left_out == [2, 4]
    assert order.shipments.get().tracking_number == "A22345"
    assert b"A12345" not in b"".join(refused_csv(file, lines))
    assert not other.shipments.exists()
