"""No page, task or model knows a marketplace by name: its connector's data say all."""

import re
from pathlib import Path

import pytest

from stores.marketplaces import MARKETPLACES

ROOT = Path(__file__).parents[2]
KINDS = {".py", ".html", ".js", ".css", ".txt"}
# Where a marketplace may be named: its connector, who practises it, what has been.
AT_HOME = (
    "stores/marketplaces/",
    "stores/sandbox/",
    "stores/migrations/",
    "orders/migrations/",
)
# What names one elsewhere, and why; of a setting it is the name alone.
SETTING = re.compile(r"\bTOPHATTER_API_URL\b")
EXCEPTIONS = {
    # Its address, which the connector's `address_setting` points to.
    "backoffice/settings.py": "https://tophatter.com/merchant_api/v1",
    # A remark in the .env that “make run” writes, beside that setting.
    "backoffice/demo/first_env.py": "For the real Tophatter delete this line",
    # What it practises is no connector, and is said in its help.
    "stores/management/commands/sandbox.py": None,
    # The header of a secret that is to be scrubbed from logs.
    "backoffice/kit/logs.py": "ShipStation|SEC",
}
NAMES = re.compile(
    "|".join(
        {
            *(re.escape(key) for key in MARKETPLACES),
            *(re.escape(connector.label) for connector in MARKETPLACES.values()),
            "shipstation",
        }
    ),
    re.IGNORECASE,
)


def product_files() -> list[str]:
    """Return the names of the product's files in which no marketplace is at home."""
    found = []
    for folder in ("backoffice", "orders", "stores"):
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in KINDS and not name.startswith(AT_HOME):
                found.append(name)
    return found


def named_in(name: str) -> list[str]:
    """Return the lines of a file that name a marketplace without a reason."""
    reason = EXCEPTIONS.get(name, "")
    if reason is None:
        return []
    lines = (ROOT / name).read_text().splitlines()
    return [
        f"{name}:{number}: {line.strip()}"
        for number, line in enumerate(lines, 1)
        if NAMES.search(SETTING.sub("", line)) and not (reason and reason in line)
    ]


def test_no_product_code_names_a_marketplace():
    files = product_files()

    told = [line for name in files for line in named_in(name)]

    assert len(files) > 300
    assert told == []


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_each_exception_is_still_needed(name):
    text = SETTING.sub("", (ROOT / name).read_text())

    assert NAMES.search(text)
    assert (EXCEPTIONS[name] or "") in text
