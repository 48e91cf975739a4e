"""Files that are made to hurt: each is read, or refused in a sentence, in bounded time.

What is counted is the time of this process, which a busy machine does not change much.
"""

import io
import random
import struct
import time
import zipfile
import zlib
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.kit import bounded_bodies
from backoffice.kit.errors import UnreadableFile
from backoffice.kit.spreadsheet_numbers import is_damaged
from backoffice.kit.uploads import MOST_BYTES, read_table
from orders.models import TrackingFile
from orders.shipping import number_formats, refusals
from orders.tracking_files import dead_labels
from orders.tracking_files.columns import guess, order_number, rank
from orders.tracking_files.names import place
from stores.models import Logo
from tests.factories import StoreFactory
from tests.support.store_pages import save
from tests.support.tracking_files import workbook

# Of this process; what is refused, or read, takes less. Twenty times slower is a fault.
SECONDS = 10
HEAD = b"Order,Tracking\n"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TOO_LARGE = "too large once unpacked"


pytestmark = pytest.mark.django_db


@contextmanager
def within(seconds: float):
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


def sheet(rows: str) -> bytes:
    """Return a workbook whose sheet has these rows, written by hand."""
    return with_part(
        "xl/worksheets/sheet1.xml",
        lambda _xml: (
            f'<worksheet xmlns="{SPACE}"><sheetData>{rows}</sheetData></worksheet>'
        ),
    )


def with_part(name: str, change) -> bytes:
    """Return a workbook of which one part is another."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(
            io.BytesIO(workbook(["Order", "Tracking"], ["1", "A1"]))
        ) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            text = old.read(part).decode()
            new.writestr(part, change(text) if part == name else text)
    return file.getvalue()


def with_more(name: str, text: str) -> bytes:
    """Return a workbook with one more part."""
    file = io.BytesIO(workbook(["Order", "Tracking"], ["1", "A1"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return file.getvalue()


def shared(texts: str) -> bytes:
    return with_more("xl/sharedStrings.xml", f'<sst xmlns="{SPACE}">{texts}</sst>')


def elsewhere(root: str) -> bytes:
    """Return a workbook with names and cells, as another part, where sheets lie."""
    names = "<definedName/>" * 10_001 + "<c/>" * 10_001
    xml = f"<{root}><definedNames>{names}</definedNames></{root}>"
    return with_more("xl/worksheets/sheet9.xml", xml)


def styles(forms: str, uses: str) -> bytes:
    return with_part(
        "xl/styles.xml",
        lambda xml: xml.replace("<fonts", f"<numFmts>{forms}</numFmts><fonts").replace(
            "</cellXfs>", f"{uses}</cellXfs>"
        ),
    )


CELLS = '<c t="n"><v>1</v></c>'
DATES = '<c t="d"><v>2020-01-01</v></c>'
WIDE_TAG = '<c a="" b="" d="" e=""/>'
LONG_NUMBER = f'<c t="n"><v>{"9" * 4000}</v></c>'


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: HEAD + b"," * 100_000, "no lines"),
        (lambda: HEAD + b"," * (MOST_BYTES - 20), "no lines"),
        (lambda: HEAD + b" ," * (MOST_BYTES // 2 - 20), "no lines"),
        (lambda: HEAD + b"a," * (MOST_BYTES // 2 - 20), "more than 500 columns"),
        (lambda: HEAD + (b"," * 400 + b"\n") * 10_000, "no lines"),
        (lambda: HEAD + b"\n" * (MOST_BYTES - 20), "more than 5000 lines"),
        (lambda: HEAD + b"x" * (MOST_BYTES - 20), "cannot be read"),
        (lambda: HEAD + b'"' * (MOST_BYTES - 21), "cannot be read"),
        (lambda: HEAD + b"\xe9" * (MOST_BYTES - 20), "cannot be read"),
        (lambda: random.Random(1).randbytes(MOST_BYTES), "neither CSV nor XLSX"),
    ],
    ids=lambda one: "" if callable(one) else one,
)
def test_no_csv_takes_longer_than_it_is_large(make, reason):
    data = make()

    with within(SECONDS), pytest.raises(UnreadableFile, match=reason):
        read_table(data, rank)


def test_the_time_grows_with_the_file():
    def seconds(commas: int) -> float:
        started = time.process_time()
        for _ in range(3):
            with pytest.raises(UnreadableFile):
                read_table(HEAD + b"," * commas)
        return time.process_time() - started

    few, many = seconds(200_000), seconds(1_600_000)

    # Eight times as much; where each was compared with each, it would be 64 times.
    assert many < 24 * max(few, 0.01)


@pytest.mark.parametrize(
    "data",
    [
        b",".join([b"void"] * 500) + b"\n" + (b",".join([b"no"] * 500) + b"\n") * 1500,
        b",".join([b"order refund tracking of the"] * 170) + b"\n1\n",
        HEAD + b"\xc3\xa9\xe9,1\n" * 4000,
    ],
    ids=["names of dead labels", "names", "a broken encoding"],
)
def test_a_wide_or_odd_csv_is_understood_in_time(data):
    with within(SECONDS):
        table = read_table(data, rank)
        guess(table.header, table.lines)

    assert table.lines


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: sheet(f"<row>{CELLS * 250_001}</row>"), TOO_LARGE),
        (
            lambda: sheet(f"<row>{WIDE_TAG * 250_001}</row>"),
            TOO_LARGE,
        ),
        (lambda: sheet("<sheetViews/>" * 20_001), TOO_LARGE),
        (lambda: shared("<si><t>a</t></si>" * 250_001), TOO_LARGE),
        (lambda: shared(f"<si>{'<rPh/>' * 100_001}</si>"), TOO_LARGE),
        (lambda: elsewhere("workbook"), TOO_LARGE),
        (lambda: elsewhere("worksheet"), TOO_LARGE),
        (lambda: sheet("<row/>" * 2_000_001), TOO_LARGE),
        (lambda: sheet("<a>" * 1_000_001 + "</a>" * 1_000_001), TOO_LARGE),
        (lambda: sheet(f'<row r="1048576">{CELLS}</row>'), "more than 5000 lines"),
        (
            lambda: sheet('<row><c r="ZZZZZZZ1"><v>1</v></c></row>'),
            "cannot be read|can",
        ),
        (lambda: sheet(f"<row>{CELLS}</row><row>{LONG_NUMBER}</row>"), "can be read"),
        (lambda: styles("", "<xf/>" * 30_000), TOO_LARGE),
        (
            lambda: styles(
                f'<numFmt numFmtId="200" formatCode="{"[&quot;" * 1000}"/>',
                '<xf numFmtId="200"/>',
            ),
            TOO_LARGE,
        ),
        (
            lambda: with_part(
                "xl/worksheets/sheet1.xml",
                lambda xml: (
                    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
                    + xml.partition("?>")[2].replace("<v>", "<v>&b;", 1)
                ),
            ),
            "can be read",
        ),
    ],
    ids=[
        "cells in a row",
        "attributes",
        "how a sheet looks",
        "texts",
        "how texts sound",
        "a workbook among sheets",
        "a workbook that looks like a sheet",
        "empty rows",
        "depth",
        "far down",
        "far right",
        "digits",
        "styles",
        "form of a number",
        "entities",
    ],
)
def test_no_workbook_takes_longer_than_anybody_waits(make, reason):
    data = make()

    with within(SECONDS), pytest.raises(UnreadableFile, match=reason):
        read_table(data, rank)

    assert len(data) < 200_000


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize(
    "rows",
    [
        f"<row>{DATES * 499}</row>" * 500,
        f"<row>{CELLS * 49}</row>" * 4990,
    ],
    ids=["wide", "long"],
)
def test_what_is_just_not_too_large_is_read_in_time(rows):
    with within(SECONDS):
        table = read_table(sheet(rows), rank)

    assert len(table.lines) == rows.count("<row>") - 1


def test_a_cell_of_many_megabytes_is_cut():
    cell = f'<c t="inlineStr"><is><t>{"&#9;x" * 5_000_000}</t></is></c>'
    data = sheet(f"<row>{CELLS}{CELLS}</row><row>{CELLS}{cell}</row>")

    with within(SECONDS):
        table = read_table(data, rank)

    assert len(data) < 200_000
    assert len(table.lines[0][1][1]) == 200


def test_no_pattern_takes_long_for_what_a_cell_may_hold():
    """A cell has 200 characters at the most, and a file thousands of cells."""
    signs = [
        "1",
        "a",
        ".",
        "-",
        "@",
        "/",
        "#",
        " ",
        "é",
        "refund ",
        "no ",
        "日",
        "作废",
    ]
    signs += ["www.", "420", "(", "0,", "E+", "=", "d ", "label ", "已", "jan", "1,000"]
    texts = [
        f"{(one + other) * 100}"[:199] + end
        for one in signs
        for other in signs
        for end in ("", "!")
    ]
    readers = [
        is_damaged,
        refusals.reason_against_number,
        refusals.order_numbers_in,
        lambda text: dead_labels.dead_word(text, text),
        lambda text: dead_labels.is_state_of_labels([text]),
        lambda text: place(text, "tracking_number"),
        order_number,
        *(
            lambda text, carrier=carrier: number_formats.looks_right(carrier, text)
            for carrier in ("USPS", "Asendia USA / USPS", "DHL", "Netherlands Post")
        ),
    ]

    for read in readers:
        with within(2):
            for text in texts:
                read(text)


def test_a_body_larger_than_any_file_is_refused_unread(client, tmp_path, settings):
    """By whoever, signed in or not: the token of the form is in the same body."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    data = {"username": "a", "password": "b", "file": SimpleUploadedFile("a", b"x")}
    url = reverse("admin:login")
    length = str(bounded_bodies.MOST_BYTES + 1)
    strict = Client(enforce_csrf_checks=True)
    strict.get(url)

    answers = [
        client.post(url, data, CONTENT_LENGTH=length),
        strict.post(url, data, CONTENT_LENGTH=length),
        client.post(url, data),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 200]
    assert "a smaller file" in answers[0].content.decode()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "<x-evil>.csv",
        "a\r\nX-Evil: 1.csv",
        "x" * 500,
        "\u202evsc.exe",
    ],
)
def test_a_files_name_is_a_name(admin_client, name):
    file = SimpleUploadedFile("a.csv", HEAD + b"1,A1\n")
    file._name = name
    url = reverse("admin:orders_trackingfile_upload")

    page = admin_client.post(url, {"file": file}, follow=True)

    text, kept = page.content.decode(), TrackingFile.objects.get().name
    assert page.status_code == 200
    assert not {"/", "\n", "\r", "\u202e"} & set(kept)
    assert len(kept) <= 200
    assert "<x-evil>" not in text
    assert "X-Evil" not in page.headers


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a picture that says it is so large, whatever there is of it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script>'


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: SVG, "Upload a valid image"),
        (lambda: b"<script>alert(1)</script>", "Upload a valid image"),
        (lambda: b"GIF89a/*" + b"<script>", "Upload a valid image"),
        (lambda: png(5001, 5000), "more than 25 million pixels"),
        (lambda: png(60_000, 60_000), "Upload a valid image"),
        (
            lambda: png(1, 1, (b"zTXt", b"a\0\0" + zlib.compress(b" " * 90_000_000))),
            "Upload a valid image",
        ),
    ],
    ids=["svg", "script", "two in one", "pixels", "more pixels", "packed text"],
)
@pytest.mark.parametrize("name", ["logo.png", "logo.svg"])
def test_what_would_hurt_is_no_logo(admin_client, make, reason, name):
    store, logo = StoreFactory(), SimpleUploadedFile(name, make())

    with within(SECONDS):
        page = save(admin_client, store, logo=logo)

    assert reason in page.content.decode() or "extension" in page.content.decode()
    assert not Logo.objects.exists()
