"""Weights in templates."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format

register = template.Library()
A_KILOGRAM = 1000


@register.filter
def grams(weight: Decimal) -> str:
    """Return a weight in grams as one says it: 850 g, 1.25 kg."""
    unit = "g"
    if weight >= A_KILOGRAM:
        weight, unit = weight / A_KILOGRAM, "kg"
    shown = round(weight, 2).normalize()
    places = max(0, -int(shown.as_tuple().exponent))
    return f"{number_format(shown, decimal_pos=places)} {unit}"
