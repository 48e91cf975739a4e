"""The marketplaces a store can be connected to."""

from stores.marketplaces.base import Marketplace
from stores.marketplaces.tophatter import Tophatter

MARKETPLACES: dict[str, type[Marketplace]] = {"tophatter": Tophatter}
