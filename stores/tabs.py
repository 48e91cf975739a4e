"""The tabs of a store's page: which settings and facts, as they are so of a store."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from stores.models import Store
from stores.wording import mail_note

# Health, next import and the logo are shown by who knows orders.
TABS = [
    (
        _("Import"),
        [
            "name",
            "is_active",
            "timezone",
            ("auto_import", "import_interval"),
            "import_variation_as_option",
        ],
    ),
    (
        _("Shipping"),
        [
            "ship_within_days",
            "auto_send_tracking",
            "confirm_green",
            "notices_at_once",
        ],
    ),
    (
        _("Branding"),
        [
            ("company_name", "phone"),
            "return_address",
            "website",
            "logo_now",
            ("logo", "remove_logo"),
        ],
    ),
    (
        _("Customer notifications"),
        [
            ("mail_customers", "language"),
            "mail_subject",
            "mail_body",
            "mail_preview",
        ],
    ),
    (
        _("Documents"),
        ["slip_message", "slip_shows_prices"],
    ),
    (_("Personal data"), ["erase_after_days"]),
    (
        _("Connection"),
        [
            ("marketplace", "health"),
            "address",
            ("connection_error", "refused_since"),
            ("token", "token_set_at"),
            ("last_import_at", "last_import_attempt_at"),
            "next_import",
            "limits",
        ],
    ),
]
SETTINGS: list[tuple[Any, dict[str, Any]]] = [
    (title, {"classes": ["tab"], "fields": fields}) for title, fields in TABS
]
# What says so of a token, and of whatever else opens a store.
NAMED_OTHERWISE = {
    "token": "credentials",  # nosec B105 # names of fields
    "token_set_at": "credentials_set_at",  # nosec B105 # names of fields
}


def tabs_of(store: Store) -> list[tuple[Any, dict[str, Any]]]:
    """Return the tabs without what is not so at the store's marketplace."""
    return [(title, _facts_of(store, facts)) for title, facts in SETTINGS]


def _facts_of(store: Store, facts: Any) -> dict[str, Any]:
    """Return a tab's facts as they are true of this store."""
    if "mail_customers" in str(facts["fields"]):
        return {**facts, "description": mail_note(store.abilities)}
    if store.is_opened_by_token:
        names = [one for one in facts["fields"] if one != "address"]
        return {**facts, "fields": names}
    names = [
        tuple(NAMED_OTHERWISE.get(part, part) for part in one)
        if isinstance(one, tuple)
        else one
        for one in facts["fields"]
    ]
    return {**facts, "fields": names}
