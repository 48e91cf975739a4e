"""import_tracking: what it takes, what it prints, how it ends."""

import csv

import pytest

from orders.models import Shipment, TrackingFile
from tests.factories import OrderFactory
from tests.support.commands import lines, run

NUMBER = "9400111899562173406594"
KEYS = ["line", "order", "carrier", "tracking_number", "result", "message"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a carrier's file and returns its path."""

    def begin(*rows, header=("Order", "Tracking", "Carrier")) -> str:
        path = tmp_path / "parcels.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        return str(path)

    return begin


def test_the_lines_of_a_file_ship(write, capsys):
    order = OrderFactory()
    path = write([str(order), NUMBER, "USPS"])

    status = run("import_tracking", path)

    assert status == 0
    assert str(order.shipments.get()) == f"USPS {NUMBER}"
    assert capsys.readouterr().out == (
        f"2 {order}: Shipped with USPS {NUMBER}.\nShipped: 1\n"
    )


def test_refused_lines_are_said_written_and_end_with_1(write, tmp_path, capsys):
    order = OrderFactory()
    path = write([str(order), NUMBER, "USPS"], ["404", "A12345", "USPS"])
    refused = tmp_path / "refused.csv"

    status = run("import_tracking", path, "--refused", str(refused))

    said = capsys.readouterr()
    assert status == 1
    assert "3 404: There is no order 404 here." in said.err
    assert "Refused: 1, Shipped: 1" in said.out
    text = refused.read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "Order,Tracking,Carrier,Why",
        "404,A12345,USPS,There is no order 404 here.",
    ]


def test_taking_the_same_file_again_changes_nothing(write):
    path = write([str(OrderFactory()), NUMBER, "USPS"])
    run("import_tracking", path)

    assert run("import_tracking", path) == 0

    assert Shipment.objects.count() == 1
    assert TrackingFile.objects.first().results[0][0] == "done"


def test_a_dry_run_prints_json_and_writes_nothing(write, capsys):
    order = OrderFactory()
    path = write([str(order), NUMBER, ""], [str(OrderFactory()), "A12345", "USPS"])

    status = run("import_tracking", path, "--carrier=USPS", "--dry-run", "--json")

    sure, doubtful = lines(capsys.readouterr().out)
    assert status == 0
    assert list(sure) == KEYS
    assert (sure["line"], sure["order"], sure["result"]) == (2, str(order), "ready")
    assert sure["message"] == f"Ships with USPS {NUMBER}."
    assert "waits for a last look" in doubtful["message"]
    assert not Shipment.objects.exists()
    assert not TrackingFile.objects.exists()


def test_columns_are_named_on_the_line(write):
    order = OrderFactory()
    path = write([NUMBER, str(order)], header=["Parcel", "Client, ref"])

    status = run(
        "import_tracking",
        path,
        "--carrier=USPS",
        "--columns=tracking=parcel,order=Client, ref",
    )

    assert status == 0
    assert order.shipments.get().tracking_number == NUMBER


def test_the_carrier_given_wins_over_the_column(write):
    order = OrderFactory()
    path = write([str(order), NUMBER, "stamps"])

    status = run("import_tracking", path, "--carrier=USPS")

    assert status == 0
    assert str(order.shipments.get()) == f"USPS {NUMBER}"


def test_the_column_of_carriers_can_be_left_out(write, capsys):
    path = write([str(OrderFactory()), NUMBER, "stamps"])

    status = run("import_tracking", path, "--columns=carrier=")

    assert status == 1
    assert "The line names no carrier" in capsys.readouterr().err


def test_the_status_of_labels_is_named_or_left_out(write, capsys):
    order = OrderFactory()
    path = write(
        [str(order), NUMBER, "USPS", "Void"],
        header=["Order", "Tracking", "Carrier", "Remark by Bob"],
    )

    dead = run("import_tracking", path, "--columns=status=remark by bob", "--dry-run")
    alive = run("import_tracking", path, "--columns=status=")

    assert (dead, alive) == (1, 0)
    assert "says “Void” of this label" in capsys.readouterr().err
    assert order.shipments.exists()


def test_the_second_of_two_columns_of_a_name_can_be_named(write):
    order = OrderFactory()
    header = ["Order", "Tracking number", "Tracking number"]
    path = write([str(order), "A12345", NUMBER], header=header)

    status = run(
        "import_tracking",
        path,
        "--carrier=USPS",
        "--columns=tracking=Tracking number (2)",
    )

    assert status == 0
    assert order.shipments.get().tracking_number == NUMBER


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--columns=order=Nothing"], "There is no column “Nothing”; the columns are"),
        (["--columns=parcel=A"], "“parcel=A” is not understood"),
        ([], "say so with --columns. The columns are: A, B."),
    ],
)
def test_unclear_columns_are_wrong_usage(write, capsys, arguments, reason):
    path = write(["1", "2"], header=["A", "B"])

    status = run("import_tracking", path, *arguments)

    assert status == 2
    assert reason in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path, capsys):
    status = run("import_tracking", str(tmp_path / "gone.csv"))

    assert status == 2
    assert "cannot be read (No such file or directory)." in capsys.readouterr().err


def test_a_file_that_is_no_table_is_said(tmp_path, capsys):
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\0\1\2")

    status = run("import_tracking", str(path))

    assert status == 1
    assert (
        "The file is neither CSV nor XLSX; save it as one of them."
        in capsys.readouterr().err
    )
