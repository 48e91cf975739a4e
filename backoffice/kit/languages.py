"""The languages that are spoken here, as choices of a field."""

from django.conf import settings
from django.utils.translation import get_supported_language_variant


def choices() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def default() -> str:
    """Return which of the languages `LANGUAGE_CODE` means."""
    return get_supported_language_variant(settings.LANGUAGE_CODE)
