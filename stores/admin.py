"""The settings of a store, tab by tab."""

from django.utils.translation import gettext_lazy as _

SETTINGS = [
    (
        _("Import"),
        {
            "classes": ["tab"],
            "fields": [
                "name",
                "is_active",
                "timezone",
                ("auto_import", "import_interval"),
                "import_variation_as_option",
            ],
        },
    ),
    (
        _("Shipping"),
        {
            "classes": ["tab"],
            "fields": ["ship_within_days", "auto_send_tracking", "confirm_green"],
        },
    ),
    (
        _("Branding"),
        {
            "classes": ["tab"],
            "fields": [
                ("company_name", "phone"),
                "return_address",
                "website",
                "logo_now",
                ("logo", "remove_logo"),
            ],
        },
    ),
    (
        _("Customer notifications"),
        {
            "classes": ["tab"],
            "description": _(
                "Tophatter gives no e-mail addresses and writes to the buyer itself. A "
                "mail leaves only where staff typed an address on the order, once for "
                "each shipment, after the marketplace accepted it."
            ),
            "fields": ["mail_customers", "mail_subject", "mail_body", "mail_preview"],
        },
    ),
    (
        _("Documents"),
        {"classes": ["tab"], "fields": ["slip_message", "slip_shows_prices"]},
    ),
    (
        _("Connection"),
        {
            "classes": ["tab"],
            "fields": [
                ("marketplace", "health"),
                ("connection_error", "refused_since"),
                ("token", "token_set_at"),
                ("last_import_at", "last_import_attempt_at"),
                "next_import",
            ],
        },
    ),
]
