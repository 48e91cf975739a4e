"""An error that nobody expected shows no secret: on the debug page, by mail, in words.

What fails here fails for real: settings that are wrong, a limit that is none.
"""

import logging
import sys
from logging.config import dictConfig

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from backoffice.checks import check_secrets
from backoffice.kit.logs import keep_secret, scrub
from backoffice.kit.reports import Reporter
from stores import connecting
from stores.models import Store
from tests.factories import StoreFactory

CANARY = "canary-that-must-never-sing"
ADD = {"name": "Second", "marketplace": "tophatter", "access_token": CANARY}

pytestmark = pytest.mark.django_db


class Marked(ExceptionReporter):
    """What is shown when nothing but what is marked in the code is hidden."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.filter = SafeExceptionReporterFilter()


def report(call) -> str:
    """Return all that is reported of a call that fails, on a page and in a mail.

    Once as the back office does it, and once as Django does with the marks alone.
    """
    try:
        call()
    except Exception:
        ours, marked = (one(None, *sys.exc_info()) for one in (Reporter, Marked))
        return "".join(
            one.get_traceback_html() + one.get_traceback_text()
            for one in (ours, marked)
        )
    pytest.fail("nothing failed")


@pytest.fixture
def failing(client, admin_user):
    """A browser of the administrator's that is shown pages which failed."""
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    return client


@pytest.fixture
def broken(settings, tophatter):
    """A marketplace whose address is wrong, which nobody expects behind the checks."""
    settings.TOPHATTER_API_URL = f"{tophatter.url}?old"


@pytest.fixture
def mailed(settings):
    """Mail to the administrators of all that fails, with the debug page in it."""
    settings.ADMINS = [("Ann", "ann@example.com")]
    handler = {
        "class": "django.utils.log.AdminEmailHandler",
        "include_html": True,
        "level": "ERROR",
    }
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"mail": handler},
            "loggers": {"django.request": {"handlers": ["mail"]}},
        }
    )
    yield
    logging.getLogger("django.request").handlers.clear()


def steps(store: Store) -> dict[str, dict[str, str]]:
    replace = reverse("admin:stores_store_replace_token", args=[store.pk])
    return {
        reverse("admin:stores_store_add"): ADD,
        replace: {"_form_submitted": "True", "access_token": CANARY},
    }


def test_no_page_and_no_mail_of_an_error_shows_a_typed_token(
    failing, broken, mailed, settings
):
    addresses = steps(StoreFactory())
    hidden = [failing.post(url, data) for url, data in addresses.items()]
    settings.DEBUG = True

    shown = [failing.post(url, data) for url, data in addresses.items()]

    told = [page.content.decode() for page in shown]
    for message in mail.outbox:
        ((html, _kind),) = message.alternatives
        told += [message.subject + message.body, html]
    assert {page.status_code for page in hidden + shown} == {500}
    assert len(told) == 2 + 2 * 4
    assert all("access_token" in text and "check_base_url" in text for text in told)
    assert not [text for text in told if CANARY in text]
    assert CANARY not in "".join(page.content.decode() for page in hidden)


@pytest.mark.parametrize(
    "limits", [{"read_timeout": "soon"}, {"deadline": None}, {"max_bytes": "all"}]
)
def test_no_local_of_a_call_shows_the_token(tophatter, limits):
    """Down to the frames of requests, which hold the body that is sent."""
    connector = StoreFactory(access_token=CANARY).connect(**limits)

    told = report(lambda: list(connector.list_orders()))

    assert "_request" in told
    assert CANARY not in told


def test_every_secret_of_a_store_is_hidden_wherever_it_turns_up():
    address, key, word = "https://me.example.com/", "key/of+mine&more", 'pass"word<1>'
    keep_secret(key, word)

    def fail(marketplace: str) -> None:
        body, headers = f"key={key}", {"X-Word": [word]}
        raise ValueError(f"{marketplace} {body} {word} {headers}")

    try:
        fail(address)
    except ValueError:
        told = Reporter(None, *sys.exc_info()).get_traceback_html()

    assert address in told
    for one in (key, word, "key%2Fof%2Bmine%26more", "pass&quot;word&lt;1&gt;"):
        assert one not in told
    assert scrub(f"{key} {word} short") == "**** **** short"


def test_of_two_secrets_the_longer_one_is_hidden_whole():
    keep_secret("beginning", "beginning-and-end")

    assert scrub("beginning-and-end, beginning") == "****, ****"


@pytest.mark.parametrize(
    "text",
    [
        "/shop?auth_key=%s&page=1",
        "?SS-UserName=anna&SS-Password=%s",
        "?ss-password=%s",
        "consumer_key=ck_1&consumer_secret=%s",
        "{'Authorization': 'Basic %s'}",
        "{'Authorization': b'Basic %s'}",
        "Authorization: Bearer %s",
        "{'ShipStation-Access-Token': '%s'}",
        "SEC-Access-Token: %s",
    ],
)
def test_what_is_named_as_a_secret_is_hidden_in_any_line(text):
    assert scrub(text % "c2VjcmV0+/=") == scrub(text % "****")
    assert scrub(text % "c2VjcmV0+/=").endswith(("****", "****'}", "&page=1"))


def test_a_short_word_is_no_secret_worth_hiding():
    keep_secret("", "a", "order")

    assert scrub("an order") == "an order"


def test_a_report_shows_no_setting_that_holds_a_secret(settings):
    settings.TOKEN_ENCRYPTION_KEYS = [f"{CANARY}-1"]
    settings.Q_CLUSTER = {"redis": f"redis://:{CANARY}-2@127.0.0.1"}
    settings.CACHES = {**settings.CACHES, "other": {"LOCATION": f"redis://{CANARY}-3"}}
    settings.REDIS_URL = f"redis://{CANARY}-4"
    settings.EMAIL_HOST_PASSWORD = f"{CANARY}-5"
    settings.SECRET_KEY = f"{CANARY}-6"
    request = RequestFactory(DATABASE_URL=f"postgres://a:{CANARY}@b/c").post(
        "/", {"new_password1": CANARY, "client_secret": CANARY, "name": "Ann"}
    )
    request.META["EMAIL_URL"] = f"smtp://a:{CANARY}@b"

    try:
        raise ValueError
    except ValueError:
        told = ExceptionReporter(request, *sys.exc_info()).get_traceback_html()

    assert "Q_CLUSTER" in told
    assert "new_password1" in told
    assert "Ann" in told
    assert CANARY not in told


def test_a_report_shows_of_no_typed_address_what_may_open_a_shop():
    addresses = [
        f"https://shop.example.com/?key={CANARY}",
        f"https://ann:{CANARY}@shop.example.com/",
    ]
    request = RequestFactory().post("/", {"address": addresses, "name": "Ann"})

    try:
        raise ValueError
    except ValueError:
        told = ExceptionReporter(request, *sys.exc_info()).get_traceback_html()

    assert "https://***" in told
    assert "Ann" in told
    assert CANARY not in told


def test_the_ways_in_hide_what_they_take_in(tophatter, settings, tmp_path):
    token_file = tmp_path / "token"
    token_file.write_text(CANARY)
    settings.TOPHATTER_API_URL = f"{tophatter.url}?old"

    told = report(
        lambda: call_command("connect_store", "A", "--token-file", str(token_file))
    )

    assert "probe_account" in told
    assert CANARY not in told


def test_a_wrong_key_is_said_where_a_store_is_connected(
    admin_client, tophatter, settings
):
    settings.TOKEN_ENCRYPTION_KEYS = ["no key"]
    tophatter.accounts = {CANARY: {}}

    page = admin_client.post(reverse("admin:stores_store_add"), ADD)

    assert (
        "TOKEN_ENCRYPTION_KEYS holds no valid keys: put back" in page.content.decode()
    )
    assert not tophatter.requests
    assert not Store.objects.exists()


def test_debug_and_a_real_marketplace_do_not_go_together(settings, admin_client):
    settings.DEBUG = True
    settings.TOPHATTER_API_URL = "https://127.0.0.2.example.com/"

    with pytest.raises(ValidationError, match="set DEBUG=False"):
        connecting.connect(name="A", marketplace="tophatter", access_token=CANARY)

    found = [one.id for one in check_secrets()]
    settings.DEBUG = False
    assert found == ["backoffice.E008"]
    assert not check_secrets()
