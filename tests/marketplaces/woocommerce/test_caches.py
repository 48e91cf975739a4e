"""A cache before the shop that looks at no query gives one page for ever."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stores.marketplaces.abilities import Account
from stores.marketplaces.base import MarketplaceUnavailable
from stores.marketplaces.woocommerce.client import WooCommerce

CACHED = json.dumps([{"id": 1, "date_modified_gmt": "2026-03-22T12:00:00"}]).encode()


class Cache(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CACHED)))
        self.end_headers()
        self.wfile.write(CACHED)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def cache():
    with ThreadingHTTPServer(("127.0.0.1", 0), Cache) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_page_that_is_all_there_is_for_ever_is_said_to_repeat(cache):
    account = Account(cache, {"consumer_secret": "cs_1"}, {"consumer_key": "ck_1"})
    connector = WooCommerce.open(account, may_be_private=True, most_pages=100)

    with pytest.raises(MarketplaceUnavailable, match="repeats itself"):
        list(connector.list_orders())
