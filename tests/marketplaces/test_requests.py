"""A request goes where it is told with what it is given, which nobody else sees."""

import logging
import os
import socket
import ssl
import threading
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from stores.marketplaces.answers import failure_of
from stores.marketplaces.base import MarketplaceRefused
from stores.marketplaces.http import (
    BoundedClient,
    Unanswered,
    basic_auth,
    check_base_url,
)

KEY = "canary-of-a-query"


class Listener(ThreadingHTTPServer):
    """Notes what it is asked, and answers each time as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer = (200, {})
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        status, headers = self.server.answer
        self.send_response(status)
        for name, text in ({"Content-Length": "0"} | headers).items():
            self.send_header(name, text)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def listener():
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def client(listener: Listener, place: str = "", **limits: object) -> BoundedClient:
    return BoundedClient(
        listener.address + place, may_be_private=True, may_have_query=True, **limits
    )


def test_the_query_of_an_address_stays_before_the_parameters(listener):
    shop = client(listener, "/shop/?wc-api=wc_shipstation&store=a b")

    shop.request(
        "GET", "", query={"action": "export", "start_date": "01/02/2026 03:04"}
    )

    assert listener.asked[0][1].split("&") == [
        "/shop/?wc-api=wc_shipstation",
        "store=a%20b",
        "action=export",
        "start_date=01%2F02%2F2026+03%3A04",
    ]


@pytest.mark.parametrize("place", ["/shop", "/shop/", "/shop.xml", ""])
def test_the_address_of_a_shop_is_asked_as_it_is(listener, place):
    client(listener, place).request("GET", "", query={"page": "1"})

    assert listener.asked[0][1] == (place or "/") + "?page=1"


def test_a_path_follows_the_address(listener):
    client(listener, "/shop/?a=1").request("GET", "/orders", query={"b": "2"})

    assert listener.asked[0][1] == "/shop/orders?a=1&b=2"


def test_a_body_goes_as_it_is_with_the_headers_that_describe_it(listener):
    headers = {"Content-Type": "text/xml", **basic_auth("anna", "pâss:word")}

    client(listener).request("POST", "", b"<a/>", headers=headers)

    method, _path, sent, body = listener.asked[0]
    assert (method, body, sent["Content-Type"]) == ("POST", b"<a/>", "text/xml")
    assert sent["Authorization"] == "Basic YW5uYTpww6Jzczp3b3Jk"


def test_a_header_may_hold_any_letter(listener):
    client(listener).request("GET", "", headers={"X-Key": "ключ"})

    assert listener.asked[0][2]["X-Key"].encode("latin-1").decode() == "ключ"


def test_each_request_has_its_own_query(listener):
    shop = client(listener)

    shop.request("GET", "", query={"page": "1"})
    shop.request("GET", "")

    assert [path for _, path, *_ in listener.asked] == ["/?page=1", "/"]


def test_no_log_line_shows_a_query(listener, caplog):
    listener.answer = (502, {})

    with caplog.at_level(logging.DEBUG, logger="urllib3"):
        client(listener, f"/shop?auth_key={KEY}").request(
            "GET", "", query={"SS-Password": KEY}, headers=basic_auth(KEY, KEY)
        )

    assert len(listener.asked) == 3
    assert "/shop" in caplog.text
    assert KEY not in caplog.text
    assert basic_auth(KEY, KEY)["Authorization"] not in caplog.text


@pytest.mark.parametrize("headers", [{}, {"X-Bad": f"{KEY}\nX-More: {KEY}"}])
def test_no_failure_remembers_a_query_or_a_header(listener, headers):
    address = f"{listener.address}/?auth_key={KEY}"
    listener.server_close()
    shop = BoundedClient(address, may_be_private=True, may_have_query=True)

    with pytest.raises(Unanswered) as caught:
        shop.request("GET", "", query={"SS-Password": KEY}, headers=headers)

    error = caught.value
    assert KEY not in "".join(traceback.format_exception(error)) + repr(shop)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_refused_header_is_no_answer_and_is_not_sent(listener):
    with pytest.raises(Unanswered, match="InvalidHeader"):
        client(listener).request("GET", "", headers={"X-Bad": "a\nX-More: b"})

    assert not listener.asked


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (f"https://www.shop.example/a?auth_key={KEY}", "https://www.shop.example"),
        (f"http://{KEY}@shop.example:8080/{KEY}", "http://shop.example:8080"),
        ("/elsewhere", ""),
        ("//shop.example/", ""),
        ("javascript:alert(1)", ""),
        ("https://[::bad", ""),
        ("https://a<b>.example/", ""),
        ("https://" + "a" * 200, ""),
    ],
)
def test_a_redirect_is_said_by_its_host_alone(listener, location, said):
    listener.answer = (301, {"Location": location})

    reply = client(listener).request("GET", "")
    error = failure_of(reply, MarketplaceRefused, "The shop", "")

    assert reply.leads_to == said
    assert (f"to {said}, which" in str(error)) == bool(said)
    assert "connect it with" in str(error)
    assert KEY not in f"{error!r}{error}"
    assert len(listener.asked) == 1


def test_an_address_with_a_query_is_for_shops_alone():
    address = f"https://shop.example/?auth_key={KEY}"

    assert check_base_url(address, False, may_have_query=True) == address
    with pytest.raises(ValueError, match="has no query") as caught:
        check_base_url(address, may_be_private=False)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        f"https://anna:{KEY}@shop.example/",
        f"https://shop.example/#{KEY}",
        f"http://shop.example/?auth_key={KEY}",
        f"https://10.0.0.1/?auth_key={KEY}",
        f"ftp://shop.example/?auth_key={KEY}",
        f"https://[{KEY}/",
        f"https://shop.example:{KEY}/",
        f"shop.example/?auth_key={KEY}",
        "",
    ],
)
def test_an_address_that_is_refused_is_not_repeated(address):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        check_base_url(address, may_be_private=False, may_have_query=True)

    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


@contextmanager
def breaking_tls(tmp_path):
    """Serve TLS that breaks once it has read a request; yield its port and requests."""
    key, authority = ec.generate_private_key(ec.SECP256R1()), tmp_path / "authority"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    authority.write_bytes(written + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    asked: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                opened, _ = listening.accept()
            except OSError:
                return
            with (
                socket.socket(fileno=os.dup(opened.fileno())) as plain,
                context.wrap_socket(opened, server_side=True) as encrypted,
            ):
                asked.append(encrypted.recv(65536).partition(b" ")[0])
                plain.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield authority, listening.getsockname()[1], asked
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_what_is_written_goes_once_also_where_tls_breaks_after_it(tmp_path):
    with breaking_tls(tmp_path) as (authority, port, asked):
        client = BoundedClient(f"https://localhost:{port}", may_be_private=True)
        client._session.verify = str(authority)

        with pytest.raises(Unanswered):
            client.request("POST", "/notices", b"x")

    assert asked == [b"POST"]
