"""How pages look, and what they may load: the theme's settings, and the policy."""

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The theme's Alpine makes functions of its attributes (docs/security.md).
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, NONCE],
        # The theme's own signs, and logos on paper, are addresses of this kind.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

UNFOLD = {
    "SITE_TITLE": _("Back office"),
    "SITE_HEADER": _("Back office"),
    "SITE_SYMBOL": "local_shipping",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("backoffice/favicon.svg"),
        }
    ],
    "STYLES": [
        lambda request: static("backoffice/theme.css"),
        lambda request: static("backoffice/backoffice.css"),
    ],
    # The theme would write its colours into each page; they are in theme.css.
    "COLORS": lambda request: {},
    "SCRIPTS": [
        lambda request: static("backoffice/live.js"),
        lambda request: static("backoffice/dialog.js"),
        lambda request: static("backoffice/zone.js"),
    ],
    "SHOW_LANGUAGES": True,
    "ACCOUNT": {
        "navigation": [
            {"title": _("My account"), "link": reverse_lazy("account")},
            {"title": _("Security"), "link": reverse_lazy("security")},
            {
                "title": _("Change password"),
                "link": reverse_lazy("admin:password_change"),
            },
        ]
    },
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "backoffice.site.dashboard.front_page",
    "SIDEBAR": {"navigation": "backoffice.site.navigation.sidebar"},
}
