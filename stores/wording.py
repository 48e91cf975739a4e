"""Turn a connector's failure into words in the reader's language."""

from django.utils.translation import gettext

from stores.marketplaces.base import MarketplaceError


def in_words(error: MarketplaceError) -> str:
    return gettext(error.text) % error.facts
