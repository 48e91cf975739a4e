"""The marketplaces a store can be connected to."""

from stores.marketplaces.base import Marketplace
from stores.marketplaces.custom_store.client import CustomStore
from stores.marketplaces.tophatter.client import Tophatter
from stores.marketplaces.woocommerce.client import WooCommerce

MARKETPLACES: dict[str, type[Marketplace]] = {
    "tophatter": Tophatter,
    "custom_store": CustomStore,
    "woocommerce": WooCommerce,
}
