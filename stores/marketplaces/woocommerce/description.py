"""What a WooCommerce shop is connected with, and what can be had of it."""

from stores.marketplaces.abilities import (
    Abilities,
    ConnectionField,
    Evidence,
    Fact,
    Window,
)
from stores.marketplaces.base import gettext_noop

KEY_IN, IN_HEADER, IN_QUERY = "key_in", "header", "query"

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
    ConnectionField(
        KEY_IN,
        gettext_noop("Key is sent"),
        gettext_noop(
            "In the address only where the shop’s server keeps the header to itself: "
            "there it stands in the server’s log."
        ),
        is_required=False,
        choices=(
            (IN_HEADER, gettext_noop("In a header")),
            (IN_QUERY, gettext_noop("In the address")),
        ),
        default=IN_HEADER,
    ),
)
