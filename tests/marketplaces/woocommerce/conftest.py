"""A practice shop that runs."""

from collections.abc import Iterator

import pytest

from stores.sandbox.shops.server import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A WooCommerce with the ShipStation plug-in."""
    with Shop(profile="woo-rest") as running:
        yield running


@pytest.fixture
def plain_shop() -> Iterator[Shop]:
    """A WooCommerce without the plug-in."""
    with Shop(profile="woo-rest", has_plugin=False) as running:
        yield running
