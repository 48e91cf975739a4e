"""A wrong line of the environment is said in a sentence, before anything starts."""

import pytest

from tests.support.programs import start

pytestmark = pytest.mark.slow


def said_with(**variables: str) -> tuple[int, str]:
    """Return the exit status of a check and what it says."""
    process = start("check", **variables)
    text, _none = process.communicate(timeout=120)
    return process.returncode, text.strip()


@pytest.mark.parametrize(
    "zone", ["Mars/Base", "europe/paris", "Europe", "UTC+1", "../../etc/passwd", "é"]
)
def test_a_wrong_time_zone_is_said_in_a_sentence(zone):
    status, text = said_with(TIME_ZONE=zone)

    assert status == 1
    assert text == (
        f"TIME_ZONE is “{zone}”, which is no time zone here; set it to a name like "
        "Europe/Paris or UTC."
    )


@pytest.mark.parametrize("code", ["de", "french", "français", "xx-FR", "-"])
def test_a_language_that_is_not_spoken_is_said_in_a_sentence(code):
    status, text = said_with(LANGUAGE_CODE=code)

    assert status == 1
    assert text == (
        f"LANGUAGE_CODE is “{code}”, which the back office does not speak; set it to "
        "one of en (English), fr (Français)."
    )


@pytest.mark.parametrize("number", ["two", "0", "-1", "1.5", "1e3"])
def test_what_is_no_number_is_said_in_a_sentence(number):
    status, text = said_with(Q_WORKERS=number)

    assert status == 1
    assert text.startswith(
        f"Q_WORKERS is “{number}”, which is no whole number from 1 up;"
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"TIME_ZONE": "", "LANGUAGE_CODE": ""},
        {"TIME_ZONE": " Asia/Kathmandu ", "LANGUAGE_CODE": "fr"},
        {"TIME_ZONE": "US/Pacific", "LANGUAGE_CODE": "en-us"},
        {"LANGUAGE_CODE": "fr_CA.UTF-8", "Q_WORKERS": ""},
    ],
)
def test_what_people_write_otherwise_is_understood(variables):
    status, text = said_with(**variables)

    assert (status, "no issues" in text or "aucun" in text.lower()) == (0, True)


@pytest.mark.parametrize(
    ("address", "status"),
    [("http://127.0.0.1:8700/merchant_api/v1", 0), ("https://10.0.0.1/api", 1)],
)
def test_a_marketplace_on_this_computer_is_practice_and_in_a_network_is_not(
    address, status
):
    found, text = said_with(
        TOPHATTER_API_URL=address, ALLOW_PRIVATE_MARKETPLACE="", DEBUG="False"
    )

    assert found == status, text
    assert ("10.0.0.1 is in a private network" in text) == bool(status)
