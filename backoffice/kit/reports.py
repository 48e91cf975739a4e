"""What a report of an unexpected error shows: on the debug page, in a mail to admins.

Django hides nothing while DEBUG is on, and without it only what is marked. Here names
and known secrets are hidden as well, whoever runs it.
"""

import re
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from backoffice.kit.logs import scrub

# What Django hides, and what holds addresses with passwords in them.
HIDDEN = re.compile(
    f"{SafeExceptionReporterFilter.hidden_settings.pattern}"
    "|DATABASE|CACHES|Q_CLUSTER|EMAIL|_URL$",
    re.IGNORECASE,
)
# Names of variables and fields; “key” and “address” are too many of them.
SECRET = re.compile(
    "TOKEN|SECRET|PASS|CREDENTIAL|AUTHORI[SZ]ATION|COOKIE", re.IGNORECASE
)
# Of a typed address: user, password or query of a shop's may be what opens it.
BEYOND_SCHEME = re.compile(r"(?<=://)\S+")
OPENING_ADDRESS = re.compile(r"://[^\s'\"]*[@?]")


class ReportFilter(SafeExceptionReporterFilter):
    """Hides what is marked as sensitive, what is called so, and what is known to be."""

    hidden_settings = HIDDEN

    def is_active(self, request: HttpRequest | None) -> bool:
        """Hide with DEBUG too: pages are shown to others, and copied into mails."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        fields = super().get_post_parameters(request)
        return _without_secrets(fields) if isinstance(fields, QueryDict) else fields

    def get_cleansed_multivaluedict(
        self, request: HttpRequest, multivaluedict: QueryDict
    ) -> QueryDict:
        fields = super().get_cleansed_multivaluedict(request, multivaluedict)
        return _without_secrets(fields)

    def get_traceback_frame_variables(
        self, request: HttpRequest, tb_frame: FrameType
    ) -> Any:
        found = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self._shown(name, value)) for name, value in found]

    def _shown(self, name: str, value: Any) -> Any:
        """Return a variable, or stars for one that holds a secret somewhere."""
        if SECRET.search(name):
            return self.cleansed_substitute
        if isinstance(value, MultiValueDict):
            return value
        value = self.cleanse_setting("", value)
        try:
            text = repr(value)
        except Exception:  # noqa: BLE001 (the reporter says so of it)
            return value
        # Before it is cut to a length, which may go through a secret.
        is_harmless = scrub(text) == text and not OPENING_ADDRESS.search(text)
        return value if is_harmless else self.cleansed_substitute


def _without_secrets(fields: QueryDict) -> QueryDict:
    shown = fields.copy()
    stars = ReportFilter.cleansed_substitute
    for name, values in fields.lists():
        if SECRET.search(name):
            shown[name] = stars
        elif any("://" in str(one) for one in values):
            shown.setlist(name, [BEYOND_SCHEME.sub(stars, str(one)) for one in values])
    return shown


class Reporter(ExceptionReporter):
    """Hides known secrets in what an error says, too."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(scrub(super().get_traceback_html()))  # nosec B703 # Django’s own page

    def get_traceback_text(self) -> SafeString:
        return SafeString(scrub(super().get_traceback_text()))  # nosec B703 # the same
