"""What a WooCommerce shop is connected with, and what can be had of it."""

from stores.marketplaces.abilities import (
    Abilities,
    ConnectionField,
    Evidence,
    Fact,
    Window,
)
from stores.marketplaces.base import gettext_noop

ABILITIES = Abilities(
    window=Window.MODIFIED,
    # Numbers stand in notes only, and an order does not show them.
    evidence=Evidence.STATUS,
    reads_single_orders=True,
    # The plug-in counts the pieces of a second notice again, and mails it again.
    repeats_harmlessly=False,
    has_closed_carriers=False,
    has_global_ids=False,
    gives=frozenset(
        {
            Fact.PAID_AT,
            Fact.EMAIL,
            Fact.PHONE,
            Fact.CURRENCY,
            Fact.PICTURES,
            Fact.OFFSETS,
        }
    ),
)
FIELDS = (
    # It names who asks, and opens nothing without the secret.
    ConnectionField(
        "consumer_key",
        gettext_noop("Consumer key"),
        gettext_noop(
            "From WooCommerce › Settings › Advanced › REST API, “Add key”, with "
            "“Read/Write”. It begins with ck_."
        ),
    ),
    ConnectionField(
        "consumer_secret",
        gettext_noop("Consumer secret"),
        gettext_noop(
            "Shown once, beside the key; it begins with cs_. "
            "It is tested at once, stored encrypted and never shown again."
        ),
        is_secret=True,
    ),
)
