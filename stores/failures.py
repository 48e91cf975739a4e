"""A connector's failure in words."""

from backoffice.kit.sentences import Sentence
from stores.marketplaces.base import MarketplaceError


def in_words(error: MarketplaceError) -> Sentence:
    """Return a failure of the connector as a sentence that rows keep."""
    facts = dict(error.facts)
    if "what" in facts:
        facts["what"] = Sentence(str(facts["what"]))
    return Sentence(error.text, facts)
