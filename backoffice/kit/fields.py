"""What a model's own fields say of themselves."""

from typing import Any, cast

from django.db.models import Field, Model


def field_of(model: type[Model] | Model, name: str) -> "Field[Any, Any]":
    """Return a field of the model's own row by its name."""
    return cast("Field[Any, Any]", model._meta.get_field(name))


def title_of(model: type[Model] | Model, name: str) -> str:
    """Return what pages call a field."""
    return str(field_of(model, name).verbose_name)


def most_characters(model: type[Model] | Model, name: str) -> int:
    """Return how many characters a text field holds."""
    return field_of(model, name).max_length or 0
