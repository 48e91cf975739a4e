"""What a model's own fields say of themselves, and the one that many models have."""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db.models import SET_NULL, Field, ForeignKey, Model

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def person_field(
    title: Any, related_name: str = "+", **more: Any
) -> "ForeignKey[User | None, User | None]":
    """Return a column of who did it: nobody for this program, and for who is gone."""
    return ForeignKey(
        settings.AUTH_USER_MODEL,
        SET_NULL,
        null=True,
        related_name=related_name,
        verbose_name=title,
        **more,
    )


def field_of(model: type[Model] | Model, name: str) -> "Field[Any, Any]":
    """Return a field of the model's own row by its name."""
    return cast("Field[Any, Any]", model._meta.get_field(name))


def title_of(model: type[Model] | Model, name: str) -> str:
    """Return what pages call a field."""
    return str(field_of(model, name).verbose_name)


def most_characters(model: type[Model] | Model, name: str) -> int:
    """Return how many characters a text field holds."""
    return field_of(model, name).max_length or 0
