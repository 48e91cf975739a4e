"""Turn a connector's failure into words in the reader's language."""

from django.utils.translation import gettext

from stores.marketplaces.base import MarketplaceError


def in_words(error: MarketplaceError) -> str:
    facts = dict(error.facts)
    if "what" in facts:
        facts["what"] = gettext(str(facts["what"]))
    return gettext(error.text) % facts
