"""The practice marketplace in a process of its own, as far away as one likes."""

import multiprocessing
from collections import Counter
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from stores.sandbox.server import Sandbox

CONTEXT = multiprocessing.get_context("spawn")


class Distant:
    """A marketplace with these accounts and orders, whose calls take `seconds`."""

    def __init__(self, accounts: int, orders: int, seconds: float) -> None:
        self.tokens = [f"{number + 1:032x}" for number in range(accounts)]
        self._ours, theirs = CONTEXT.Pipe()
        arguments = (theirs, self.tokens, orders, seconds)
        self._process = CONTEXT.Process(target=_serve, args=arguments, daemon=True)

    def __enter__(self) -> "Distant":
        self._process.start()
        self.url: str = self._ours.recv()
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.join()

    def counts(self) -> dict[str, int]:
        """Return how many calls came, and how many notices, once and twice."""
        self._ours.send("counts")
        return self._ours.recv()


def _serve(pipe: Connection, tokens: list[str], orders: int, seconds: float) -> None:
    sandbox = Sandbox(tokens=tokens, takes_twice=True)
    number = 0
    for token in tokens:
        # As old as a new order is; all alike, because making one up takes its time.
        placed_at = datetime.now(UTC) - timedelta(hours=1)
        pattern: dict[str, Any] = {}
        if orders:
            pattern = sandbox.add_order(token, created_at=placed_at, paid_at=placed_at)
            sandbox.accounts[token].clear()
        for _ in range(orders):
            number += 1
            order_id = 130_000_000 + number
            sandbox.accounts[token][order_id] = pattern | {"order_id": order_id}
    sandbox.fault("slow", times=None, seconds=seconds)
    with sandbox:
        pipe.send(sandbox.url)
        while pipe.recv():
            notices = Counter(one["order_id"] for one in sandbox.fulfillments)
            pipe.send(
                {
                    "calls": len(sandbox.requests),
                    "notices": len(notices),
                    "sent twice": sum(count > 1 for count in notices.values()),
                }
            )
