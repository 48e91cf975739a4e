"""HTTP that is bounded in time and size and goes where it is told, nowhere else."""

import socket
import time
import weakref
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests
from django.views.decorators.debug import sensitive_variables
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Retry

from stores.marketplaces.hosts import is_loopback, is_private

CHUNK = 65536
# A server that claims to be further away in time has no clock worth asking.
MOST_AHEAD = timedelta(days=2)
LONGEST_HOST = 100
# What a query may hold as it is: of RFC 3986, and signs that stand for another already.
IN_QUERY = "!$%&'()*+,/:;=?@~[]"


class Unanswered(Exception):
    """No usable answer came; the text is the kind of failure, never an address."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    content: bytes
    received_at: datetime

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def clock_ahead(self) -> timedelta | None:
        """By how much this computer's clock is ahead of the server's `Date` header.

        The way of the answer and a fraction of a second are in it. None without a
        header, or with one that no clock shows.
        """
        try:
            sent_at = parsedate_to_datetime(self.headers.get("Date", ""))
            ahead = self.received_at - sent_at.replace(tzinfo=sent_at.tzinfo or UTC)
        except (ValueError, OverflowError):
            return None
        return ahead if abs(ahead) < MOST_AHEAD else None

    @property
    def leads_to(self) -> str:
        """The scheme and host that a redirect names; empty where it names none.

        Nothing else of it: its path and query may repeat what was sent.
        """
        try:
            target = urlsplit(self.headers.get("Location", ""))
            host, port = target.hostname or "", target.port
        except ValueError:
            return ""
        if target.scheme not in {"https", "http"} or len(host) > LONGEST_HOST:
            return ""
        if not host.isascii() or not host.replace("-", "").replace(".", "").isalnum():
            return ""
        return f"{target.scheme}://{host}" + (f":{port}" if port else "")


class PrivateAddress(Exception):
    """A name led into a network of one's own, where nobody else is to lead us."""


def check_base_url(
    url: str, may_be_private: bool, *, may_have_query: bool = False
) -> str:
    """Return the address, or raise `ValueError` in words that never show a query.

    Without a trailing slash, unless it is the whole address of a shop, which may have
    a query.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("That is not the address of a marketplace.") from None
    if not host or parts.scheme not in {"https", "http"}:
        raise ValueError("That is not the address of a marketplace.")
    if parts.username or parts.password or parts.fragment:
        raise ValueError("A marketplace's address has no user and no fragment.")
    if parts.query and not may_have_query:
        raise ValueError("This marketplace's address has no query.")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("A marketplace's address must begin with https://.")
    if is_private(host) and not may_be_private:
        raise ValueError(
            f"{host} is in a private network; name a public address, or set "
            "ALLOW_PRIVATE_MARKETPLACE=True to practise."
        )
    return url if may_have_query else url.rstrip("/")


def basic_auth(user: str, password: str) -> dict[str, str]:
    """Return the header that says who asks (RFC 7617, in UTF-8)."""
    named = b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {named}"}


def _name_of(error: Exception) -> str:
    """Name a failure; of used-up retries requests hides that it was a time-out."""
    used_up = error.args[0] if error.args else None
    if isinstance(getattr(used_up, "reason", None), ReadTimeoutError):
        return "ReadTimeout"
    return type(error).__name__


class _Leash:
    """The connections opened for a call, and the moment they are all hung up.

    It holds the sockets: a connection that is to be closed after its answer has let
    go of its own while the answer still comes in. And it holds the query, which may
    be a secret: only the connection puts it on, so that nothing above knows it, and
    no log line, exception or retry can say it.
    """

    def __init__(self) -> None:
        self.sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self.ends_at = 0.0
        self.query = ""

    def with_query(self, path: str) -> str:
        return f"{path}?{self.query}" if self.query else path

    def take(self, connection: HTTPConnection) -> None:
        if time.monotonic() >= self.ends_at:
            connection.close()
            raise TimeoutError
        self.sockets.add(connection.sock)

    def pull(self) -> None:
        for opened in list(self.sockets):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)


class _Session(requests.Session):
    """Looks at no redirect: of one not followed it would read the body, unbounded."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class BoundedClient:
    """Sends one request at a time; reads are tried again on the spot, writes never.

    `deadline` (seconds) is over the whole call with its retries, also when headers
    or body drip in byte by byte. `max_bytes` counts decoded bytes. Only where it
    `may_be_private` is an address in a network of one's own connected to. An address
    that `may_have_query` keeps it before the parameters of each request.
    """

    def __init__(
        self,
        base_url: str,
        *,
        may_be_private: bool = False,
        may_have_query: bool = False,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        deadline: float = 45,
        max_bytes: int = 32 * 1024 * 1024,
    ) -> None:
        checked = check_base_url(
            base_url, may_be_private, may_have_query=may_have_query
        )
        self.base_url, _, query = checked.partition("?")
        self._query = quote(query.strip("&"), IN_QUERY)
        self.timeout = (connect_timeout, read_timeout)
        self.deadline = deadline
        self.max_bytes = max_bytes
        # By how much this computer's clock is ahead, by the answer that says least:
        # the others were longer on the way.
        self.clock_ahead: timedelta | None = None
        self._leash = _Leash()
        self._session = _Session()
        # No proxy, netrc or certificate bundle from the environment.
        self._session.trust_env = False
        adapter = _Adapter(self._leash, may_be_private)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    @sensitive_variables()
    def request(
        self,
        method: str,
        path: str,
        data: Mapping[str, str] | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the answer, or raise `Unanswered`.

        A mapping as `data` goes as a form body, bytes go as they are. With an empty
        path the address is asked as it is. Neither `query` nor `headers` are ever in
        an error or a log line.
        """
        parameters = [self._query, urlencode(query or {})]
        self._leash.query = "&".join(filter(None, parameters))
        self._leash.ends_at = ends_at = time.monotonic() + self.deadline
        watchdog = Timer(self.deadline, self._leash.pull)
        watchdog.daemon = True
        watchdog.start()
        try:
            with self._session.request(
                method,
                self.base_url.rstrip("/") + path if path else self.base_url,
                data=data,
                headers={name: text.encode() for name, text in (headers or {}).items()},
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._reply(response, ends_at)
        except PrivateAddress:
            reason = PrivateAddress.__name__
        except (requests.RequestException, HTTPError, OSError) as error:
            reason = "Timeout" if time.monotonic() >= ends_at else _name_of(error)
        finally:
            watchdog.cancel()
        # Out here, so that it does not remember what led to it, which knows headers.
        raise Unanswered(reason)

    def _reply(self, response: requests.Response, ends_at: float) -> Reply:
        received_at = datetime.now(UTC)
        content = self._read(response, ends_at)
        reply = Reply(response.status_code, response.headers, content, received_at)
        told = (self.clock_ahead, reply.clock_ahead)
        self.clock_ahead = min((one for one in told if one is not None), default=None)
        return reply

    def _read(self, response: requests.Response, ends_at: float) -> bytes:
        content = bytearray()
        while True:
            chunk = response.raw.read1(CHUNK, decode_content=True)
            # Before the end is believed: hanging up looks like one.
            if time.monotonic() > ends_at:
                raise Unanswered("Timeout")
            if not chunk:
                return bytes(content)
            content += chunk
            if len(content) > self.max_bytes:
                raise Unanswered("AnswerTooLarge")


class _Adapter(HTTPAdapter):
    """Retries reads and registers every connection, so that it can be hung up."""

    def __init__(self, leash: _Leash, may_be_private: bool) -> None:
        self._leash = leash
        self._may_be_private = may_be_private
        super().__init__(
            max_retries=Retry(
                total=2,
                backoff_factor=0.3,
                allowed_methods=["GET"],
                status_forcelist=[500, 502, 504],
                # Of TLS that breaks, nobody knows what was sent by then.
                other=0,
                # A wish to be left alone is for the next run, not for this worker.
                respect_retry_after_header=False,
                raise_on_status=False,
                redirect=False,
            )
        )

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        leash, may_be_private = self._leash, self._may_be_private

        def public(opened: socket.socket) -> socket.socket:
            # Of the very connection: a name may lead elsewhere when asked again.
            if not may_be_private and is_private(opened.getpeername()[0]):
                opened.close()
                raise PrivateAddress
            return opened

        class Leashed(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return public(super()._new_conn())

            def connect(self) -> None:
                super().connect()
                leash.take(self)

            def putrequest(
                self, method: str, url: str, *flags: Any, **more: Any
            ) -> None:
                super().putrequest(method, leash.with_query(url), *flags, **more)

        class Tls(Leashed, HTTPSConnection):
            pass

        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": Leashed}),
            "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": Tls}),
        }
