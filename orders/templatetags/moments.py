"""Times in templates."""

from datetime import datetime
from typing import Any

from django import template

from backoffice.kit import times, zones
from stores.models import Store

register = template.Library()


@register.filter
def at_store(value: Any, store: Store) -> Any:
    """Return a time in the store's zone and the viewer's, anything else as it is."""
    return times.at_store(value, store.zone) if isinstance(value, datetime) else value


@register.filter
def at_viewer(value: Any) -> Any:
    """Return a time in the viewer's zone, anything else as it is."""
    is_time = isinstance(value, datetime)
    return times.in_zone(value, zones.here()) if is_time else value
