"""Tracking numbers in and orders out, in a real browser with real files."""

import csv
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.support.browsing import log_in_to_demo as log_in
from tests.support.programs import wait_until

pytestmark = pytest.mark.browser

GOOD, OTHER = "9400111899562173406771", "9400111899562173406772"


def download(page: Page, folder: Path, button) -> Path:
    with page.expect_download() as found:
        button.click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


@pytest.mark.sweep
def test_a_carriers_file_is_taken_and_the_orders_leave_as_a_workbook(
    demo, page, tmp_path
):
    demo.begin()
    introduction = demo.introduction()
    wait_until(lambda: demo.count("orders_order") > 20, 60, "the first import")
    log_in(page, demo, introduction)
    page.get_by_role("link", name=re.compile(r"Orders( \d+)?$")).first.click()
    rows = page.locator("tr", has_text="Awaiting shipment")
    expect(rows.nth(1)).to_be_visible()
    first, second = (
        rows.nth(one).get_by_role("link").first.inner_text() for one in range(2)
    )
    path = tmp_path / "colis.csv"
    with path.open("w", newline="", encoding="cp1252") as file:
        csv.writer(file, delimiter=";").writerows(
            [
                ["N° de commande", "Transporteur", "Numéro de suivi"],
                [first, "USPS", GOOD],
                [second, "Hibou", OTHER],
                ["404404", "USPS", OTHER],
                [second, "USPS", "9,4E+21"],
            ]
        )

    # Upload: the columns are known by their French names, each line says its fate.
    page.get_by_role("link", name=re.compile("Tracking files$")).click()
    page.get_by_role("link", name=re.compile("Upload$")).click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name=re.compile("Upload$")).click()
    expect(page.get_by_text(f"Ships with USPS {GOOD}.")).to_be_visible()
    expect(page.get_by_text("There is no order 404404 here.")).to_be_visible()

    # Take the one that is right; the others come back with their reasons.
    page.get_by_role("button", name="Take 1 line").click()
    expect(page.get_by_text("1 line is taken.")).to_be_visible()
    expect(page.get_by_text(f"Shipped with USPS {GOOD}.")).to_be_visible()
    refused = download(
        page, tmp_path, page.get_by_role("link", name="Refused lines as CSV")
    )
    with refused.open(newline="", encoding="utf-8-sig") as file:
        back = list(csv.DictReader(file))
    assert [line["N° de commande"] for line in back] == [second, "404404", second]
    assert all(line["Why"].endswith(".") for line in back)

    # Out: what the list shows, as a workbook that a spreadsheet library reads.
    page.get_by_role("link", name=re.compile(r"Orders( \d+)?$")).first.click()
    page.locator("#searchbar").fill(first)
    page.locator("#searchbar").press("Enter")
    expect(page).to_have_url(re.compile("q="))
    page.get_by_role("link", name=re.compile("Export$")).click()
    expect(page.locator("[name=what]")).to_contain_text("Orders: 1")
    page.get_by_label("Format").select_option("xlsx")
    exported = download(page, tmp_path, page.get_by_role("button", name="Download"))
    header, *lines = load_workbook(exported).active.iter_rows(values_only=True)
    (line,) = (dict(zip(header, values, strict=True)) for values in lines)
    assert (line["marketplace_order_id"], line["tracking_number"]) == (first, GOOD)
    assert line["status"] == "shipped"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.+[+-]\d\d:\d\d", line["ordered_at"])
