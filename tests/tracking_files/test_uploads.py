"""Tables that somebody gives us: CSV and XLSX of all kinds, and what is no table."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.kit.errors import UnreadableFile
from backoffice.kit.uploads import read_table
from orders.tracking_files.columns import guess, rank
from orders.tracking_files.lines import judge
from tests.factories import OrderFactory
from tests.support.order_pages import NUMBER
from tests.support.tracking_files import COLUMNS, HEADER, NOW, as_file, workbook


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_usual_csv_is_read(delimiter, encoding):
    text = f"Commande{delimiter}N° de suivi\r\n\r\n1{delimiter}é{delimiter}\r\n"

    table = read_table(text.encode(encoding))

    assert table.header == ["Commande", "N° de suivi"]
    assert table.lines == [[3, ["1", "é"]]]


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        (
            "订单号,跟踪号,物流渠道\r\n120000001,LX123456785CN,China Post\r\n",
            ["gbk", "utf-8-sig", "utf-16"],
        ),
        (
            "注文番号,お問い合わせ番号,配送業者\r\n1,EJ123456785JP,Japan Post\r\n",
            ["cp932", "utf-8"],
        ),
        ("訂單編號,追蹤號碼,物流公司\r\n1,A1,China Post\r\n", ["big5", "gbk"]),
        ("주문번호,운송장번호,택배사\r\n1,A1,Korea Post\r\n", ["euc_kr"]),
        (
            "N° de commande,Numéro de suivi,Transporteur\r\n1,A1,Colissimo\r\n",
            ["cp1252", "cp850", "mac_roman"],
        ),
    ],
)
def test_the_columns_of_any_countrys_file_are_known(text, encodings):
    for encoding in encodings:
        table = read_table(text.encode(encoding), rank)

        assert guess(table.header, table.lines) == COLUMNS, encoding


def test_a_workbook_is_read_with_its_numbers_as_digits():
    data = workbook(
        ["Order", "Tracking", "Weight", "Day"],
        [59010920, 400110000000001.0, 1.5, date(2026, 11, 20)],
        [None, None, None, None],
        ["59010921", NUMBER, True, datetime(2026, 11, 20, 8, 30)],
    )

    table = read_table(data)

    assert table.lines == [
        [2, ["59010920", "400110000000001", "1.5", "2026-11-20"]],
        [4, ["59010921", NUMBER, "True", "2026-11-20 08:30:00"]],
    ]


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (408017007469, "00000000000000", "00408017007469"),
        (408017007469.0, "0000", "408017007469"),
        (12345678, "000-000-000", "012-345-678"),
        (12345678, '000\\ 000" "000', "012 345 678"),
        (123, "0000;-0000", "0123"),
        (12345678, "0000-0000", "1234-5678"),
        (123456785, '"RB"000000000"CN"', "RB123456785CN"),
        (123456785, "\\R\\B000000000\\C\\N;@", "RB123456785CN"),
        (123456785, '[$-409]"RB;"0_)', "RB;123456785"),
        (4155552671, "(000) 000-0000", "(415) 555-2671"),
        (123456789012, "#### #### ####", "1234 5678 9012"),
        (5, "0##", "005"),
        (120000001, '"#"0', "#120000001"),
        (1234, "#,##0", "1234"),
        (1234, "0.00", "1234"),
        (1234, "0.00E+00", "1234"),
        (4155552671, "[<=9999999]###-####;(###) ###-####", "4155552671"),
        (1234, "General", "1234"),
        (-12, "0000", "-12"),
    ],
)
def test_what_a_number_format_adds_is_read_as_a_person_sees_it(number, form, shown):
    table = read_table(workbook(["A"], [number], forms={"A2": form}))

    assert table.lines == [[2, [shown]]]


def test_an_order_number_with_zeros_before_it_is_found(db):
    order = OrderFactory()
    data = workbook(HEADER, [int(str(order)), NUMBER, "OnTrac"], forms={"A2": "0" * 14})

    (line,) = judge(read_table(data).lines, COLUMNS, "", NOW)

    assert (line.result, line.order) == ("ready", order)


@pytest.mark.parametrize(
    "number", [9.4001e21, 9400100000000000000000, 1234567890123450]
)
def test_a_number_that_excel_rounded_is_refused(db, number):
    order = OrderFactory()
    table = read_table(workbook(HEADER, [str(order), number, "OnTrac"]))

    (line,) = judge(table.lines, COLUMNS, "", NOW)

    assert line.result == "refused"
    assert "format the column as text" in line.sentence


def archive(part: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr(part, b"")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "has no lines"),
        (b"Order,Tracking\n", "has no lines"),
        (b"\0\1\2\3", "neither CSV nor XLSX"),
        (b"\xff\xfe\x00", "neither CSV nor XLSX"),
        (b"\xd0\xcf\x11\xe0 old Excel", "old or a locked format"),
        (b"%PDF-1.4\n1 0 obj\n", "neither CSV nor XLSX; save it as one"),
        (b"\xef\xbb\xbf\r\n<html><table><tr><td>Order", "neither CSV nor XLSX"),
        (b"<?xml version='1.0'?>\n<Workbook>\n", "neither CSV nor XLSX"),
        ("<?xml version='1.0'?>\n<Workbook>\n".encode("utf-16"), "neither CSV"),
        (b' [{"order": 1}]\n', "neither CSV nor XLSX"),
        (b'{"orders":\n[]}', "neither CSV nor XLSX"),
        (b' \r\n\xef\xbb\xbf{"orders":\n[]}', "neither CSV nor XLSX"),
        ("<table><tr><td>Order".encode("utf-16-le"), "neither CSV nor XLSX"),
        (b"{\\rtf1 Order,Tracking", "neither CSV nor XLSX"),
        (b"\xff\xd8\xff\xe0\nJFIF\n", "neither CSV nor XLSX"),
        (archive("word/document.xml"), "neither CSV nor XLSX"),
        (archive("content.xml"), "in the format OpenDocument; save it as XLSX"),
        (archive("xl/workbook.bin"), "in the format XLSB; save it as XLSX"),
        (b"PK\x03\x04 nothing", "not a workbook that can be read"),
        (b'Order,Tracking\n1,"2\n3,4\n', "a quotation mark may be missing"),
        (b"A,B\n" + b"1,2\n" * 5001, "more than 5000 lines"),
        (b"A" + b",A" * 500 + b"\n1\n", "more than 500 columns"),
        (b"A,B\n" + b"x" * 5 * 1024 * 1024, "larger than 5 MB"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(data, reason):
    with pytest.raises(UnreadableFile, match=reason):
        read_table(data)


def test_a_small_archive_that_unpacks_to_much_is_refused():
    file = io.BytesIO(workbook(["A"], ["1"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b" " * 60_000_000)

    with pytest.raises(UnreadableFile, match="too large once unpacked"):
        read_table(file.getvalue())


def with_parts(data: bytes, count: int) -> bytes:
    """Return the workbook filled up with empty parts."""
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(count - len(archive.namelist())):
            archive.writestr(f"xl/empty{number}.xml", b"")
    return file.getvalue()


def test_an_archive_of_more_than_five_hundred_parts_is_refused():
    data = workbook(["A"], ["1"])

    table = read_table(with_parts(data, 500))

    assert table.lines == [[2, ["1"]]]
    with pytest.raises(UnreadableFile, match="too large once unpacked"):
        read_table(with_parts(data, 501))


def rebuilt(data: bytes, part: str, change) -> bytes:
    """Return the workbook with one of its parts changed."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_entities_that_grow_without_end_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    data = rebuilt(workbook(["A"], ["1"]), SHEET, lambda xml: bomb + xml)

    with pytest.raises(UnreadableFile, match="not a workbook that can be read"):
        read_table(data)


@pytest.mark.slow
def test_a_cell_far_below_is_not_waited_for():
    data = rebuilt(
        workbook(["A"], ["1"]),
        SHEET,
        lambda xml: xml.replace(b'r="2"', b'r="999999999"').replace(
            b'"A2"', b'"A999999999"'
        ),
    )

    with pytest.raises(UnreadableFile, match="more than 5000 lines"):
        read_table(data)


def test_a_sheet_that_claims_to_be_smaller_loses_no_line():
    data = rebuilt(
        workbook(["A"], ["1"], ["2"], ["3"]),
        SHEET,
        lambda xml: xml.replace(b'"A1:A4"', b'"A1:A2"'),
    )

    assert len(read_table(data).lines) == 3


WORKBOOK = workbook(HEADER, ["1", NUMBER, "OnTrac"])


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(start=st.integers(0, len(WORKBOOK) - 1), noise=st.binary(max_size=40))
def test_no_bytes_break_the_reader(start, noise):
    broken = WORKBOOK[:start] + noise + WORKBOOK[start + len(noise) :]

    for data in (noise, broken, broken[: start + 40]):
        with suppress(UnreadableFile):
            assert "\0" not in str(read_table(data))


def test_a_table_far_down_and_to_the_right_on_the_second_sheet_is_read():
    table = [["", "", "Order", "Tracking", "Tracking"], ["", "", 59010920, "", "A1"]]
    blank: list[list[str]] = [[]] * 6

    found = read_table(workbook(*blank, *table, sheets_before=[[["Read me"]]]), rank)

    assert found.header == ["", "", "Order", "Tracking", "Tracking (2)"]
    assert found.lines == [[8, ["", "", "59010920", "", "A1"]]]


TITLED = [
    ["Shipping report"],
    [],
    ["Created", "2026-11-24"],
    ["", "Order", "Tracking", "Carrier"],
    ["", "1", "A1", "USPS"],
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_table_of_a_text_begins_at_its_names(delimiter):
    text = "\n".join(delimiter.join(row) for row in TITLED)
    text = text.replace("Shipping report", "Report, of November, 2026, in full, all")

    table = read_table(text.encode(), rank)

    assert table.header == ["", "Order", "Tracking", "Carrier"]
    assert table.lines == [[5, ["", "1", "A1", "USPS"]]]


def test_the_table_of_a_workbook_begins_at_its_names():
    table = read_table(workbook(*TITLED), rank)

    assert table.header == ["", "Order", "Tracking", "Carrier"]
    assert table.lines == [[5, ["", "1", "A1", "USPS"]]]


def test_a_table_of_unknown_names_begins_below_its_title():
    table = read_table(b"Parcels of November\n\nPaket,Kunde\nA1,7\n", rank)

    assert (table.header, table.lines) == (["Paket", "Kunde"], [[4, ["A1", "7"]]])


@pytest.mark.parametrize(
    "before",
    [
        [],
        [["Read me first"]],
        [["Name", "Order"], ["Ann", "1"]],
        [[f"{row}", "x", "y"] for row in range(5100)],
        [["x"] * 600],
    ],
)
def test_the_table_is_found_on_whichever_sheet_it_is(before):
    table = read_table(workbook(*TITLED, sheets_before=[before, []]), rank)

    assert table.lines == [[5, ["", "1", "A1", "USPS"]]]


def test_without_known_names_the_first_sheet_with_columns_counts():
    sheets = [[["Read me"]], [["A", "B"], ["1", "2"]]]

    table = read_table(workbook(["C", "D"], ["3", "4"], sheets_before=sheets), rank)

    assert table.header == ["A", "B"]


def test_a_hidden_sheet_is_not_read():
    data = rebuilt(
        workbook(["Order", "Tracking"], ["1", "A1"], sheets_before=[TITLED]),
        "xl/workbook.xml",
        lambda xml: xml.replace(b'state="visible"', b'state="hidden"', 1),
    )

    assert read_table(data, rank).header == ["Order", "Tracking"]


@pytest.mark.parametrize(
    "make", [workbook, lambda *rows: as_file(*rows[1:], header=rows[0])]
)
def test_a_wide_export_is_read(make):
    names = [f"Column {number}" for number in range(400)]

    table = read_table(make([*names, "Order", "Tracking"], [*names, "1", "A1"]), rank)

    assert table.header[400:] == ["Order", "Tracking"]
    assert table.lines[0][1][400:] == ["1", "A1"]


def test_invisible_characters_are_dropped():
    text = (
        "\ufeff\u200bOrder\u00a0ID,Track\u00ading\u200e\n"
        "\u202a1\u202c\ufe0f,A\u034f1\u2060\u3000\u2800\u3164\U000e0100\n"
    )

    table = read_table(text.encode(), rank)

    assert table.header == ["Order ID", "Tracking"]
    assert table.lines == [[2, ["1", "A1"]]]


def test_names_that_are_said_again_are_no_line():
    table = read_table(b"Order,Tracking\n1,A1\nOrder,Tracking\n2,A2\n", rank)
    unknown = read_table(b"A,B\nA,B\n", rank)

    assert table.lines == [[2, ["1", "A1"]], [4, ["2", "A2"]]]
    assert unknown.lines == [[2, ["A", "B"]]]


def test_columns_of_one_name_are_told_apart_and_unnamed_ones_kept():
    table = read_table(b"Order,Tracking Number,tracking number\n1,A1,A2,x\n")

    assert table.header == ["Order", "Tracking Number", "tracking number (2)", ""]


def test_controls_and_endless_cells_are_tidied():
    table = read_table(b'A,B\n"a\x01\nb",' + b"x" * 1000 + b'\n"\'=1","=""007"""\n')

    assert table.lines[0][1] == ["a b", "x" * 200]
    assert table.lines[1][1] == ["=1", "007"]
