"""Turn a connector's failure into words in the reader's language."""

from backoffice.kit.sentences import Sentence
from stores.marketplaces.base import MarketplaceError


def in_words(error: MarketplaceError) -> Sentence:
    facts = dict(error.facts)
    if "what" in facts:
        facts["what"] = Sentence(str(facts["what"]))
    return Sentence(error.text, facts)
