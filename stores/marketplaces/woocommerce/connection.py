"""Ask a shop's REST, and return what it answers or raise why it does not."""

import json
from dataclasses import replace
from typing import Any, TypeVar

from django.views.decorators.debug import sensitive_variables

from stores.marketplaces import answers
from stores.marketplaces.abilities import Account
from stores.marketplaces.http import BoundedClient, Reply, basic_auth
from stores.marketplaces.secrets import without
from stores.marketplaces.values import clean, shown_words
from stores.marketplaces.woocommerce.addresses import shop_root
from stores.marketplaces.woocommerce.description import IN_QUERY, KEY_IN
from stores.marketplaces.woocommerce.failures import shop_failure

Shape = TypeVar("Shape")

# A page of a hundred orders took six seconds of a small server.
SLOW = {"read_timeout": 60, "deadline": 90}
# A shorter one, of which there is none, would be in half of all texts.
SHORTEST_SECRET = 16


class ShopConnection:
    """One shop's REST; key and secret travel in the header of Basic Auth.

    Or in the query, where the account says so: some servers keep the header from PHP
    (REST API documentation, "Authentication over HTTPS"). Nothing here logs either.
    """

    @sensitive_variables()
    def __init__(self, account: Account, label: str, **limits: Any) -> None:
        self.label = label
        given = {**account.settings, **account.secrets}
        key, secret = given["consumer_key"], given["consumer_secret"]
        self._headers = {"Accept": "application/json"}
        self._query: dict[str, str] = {}
        header = basic_auth(key, secret)
        if given.get(KEY_IN) == IN_QUERY:
            self._query = {"consumer_key": key, "consumer_secret": secret}
        else:
            self._headers |= header
        repeated = (secret, key, header["Authorization"].removeprefix("Basic "))
        self._hidden = [one for one in repeated if len(one) >= SHORTEST_SECRET]
        self.client = BoundedClient(shop_root(account.address), **{**SLOW, **limits})

    @sensitive_variables()
    def ask(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
    ) -> Reply:
        """Return the answer of the REST at `path`, or raise a `MarketplaceError`."""
        headers, data = self._headers, None
        query = {**(query or {}), **self._query}
        if body is not None:
            headers = {**headers, "Content-Type": "application/json"}
            data = json.dumps(body).encode()
        client, label, path = self.client, self.label, f"/wp-json{path}"
        reply = answers.ask(
            client, label, method, path, data, query=query, headers=headers
        )
        reply = replace(reply, content=without(reply.content, self._hidden))
        if reply.status in {200, 201}:
            return reply
        answer = answers.read_json(reply)
        words = answer.get("message") if isinstance(answer, dict) else None
        message = shown_words(words)[:200] if isinstance(words, str) else ""
        raise shop_failure(reply, answer, self.label, clean(message))

    def shaped(self, reply: Reply, shape: type[Shape]) -> Shape:
        return answers.shaped(reply, shape, self.label)
