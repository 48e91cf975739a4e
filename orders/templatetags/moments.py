"""Times in templates."""

from datetime import datetime
from typing import Any

from django import template

from orders import moments
from stores.models import Store

register = template.Library()


@register.filter
def at_store(value: Any, store: Store) -> Any:
    """Return a time in the store's zone and the viewer's, anything else as it is."""
    return moments.at_store(value, store.zone) if isinstance(value, datetime) else value
