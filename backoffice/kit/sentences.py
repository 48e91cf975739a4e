"""Sentences that are stored, and read in the language of whoever looks at them.

What goes into a row is made with `sentence()`; `_` is gettext's, for what is said now.
The row's text is plain English; template and facts, for translation, lie beside it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext

# Began what rows kept of a sentence before the facts lay beside the text. No text
# has it, so that none is taken for a sentence when that migration is undone.
MARK = "\x1e"
# What the column beside the text `error` is called: `error_facts`.
BESIDE = "_facts"

Row = TypeVar("Row", bound=models.Model)


class Sentence(str):
    """A sentence in the present language that remembers what it was made of."""

    template: str
    english: str
    # What a row keeps beside the English text; of a sentence within it, the same.
    kept: dict[str, Any]

    def __new__(cls, template: str, facts: Mapping[str, Any] | None = None) -> Self:
        facts, template = facts or {}, in_english(template)
        text = gettext(template)
        sentence = super().__new__(cls, text % facts if facts else text)
        sentence.template = template
        english = {name: in_english(fact) for name, fact in facts.items()}
        sentence.english = template % english if facts else template
        kept = {name: _kept(fact) or english[name] for name, fact in facts.items()}
        sentence.kept = {"template": template, "facts": kept}
        return sentence

    def __mod__(self, facts: Mapping[str, Any]) -> Self:
        return type(self)(self.template, facts)

    def __str__(self) -> Self:
        return self


def sentence(template: str) -> Sentence:
    """Return a sentence that a row may keep, and that is read in any language.

    Made like gettext's, `sentence("Order %(order)s is on hold.") % {"order": order}`.
    What is said of it may be sentences too; an f-string or `+` makes plain text of it.
    """
    return Sentence(template)


def joined(sentences: Iterable[str], by: str = " ") -> str:
    """Return the sentences as one, each of which stays translatable."""
    facts = {str(place): one for place, one in enumerate(sentences)}
    return Sentence(by.join(f"%({name})s" for name in facts), facts) if facts else ""


def read(kept: Mapping[str, Any]) -> Sentence:
    """Return the sentence that a row keeps in the present language."""
    facts = {
        name: read(fact) if isinstance(fact, dict) else fact
        for name, fact in kept["facts"].items()
    }
    return Sentence(kept["template"], facts)


def in_english(value: Any) -> Any:
    """Return a text or a fact as a row keeps it: in English, and storable anywhere."""
    if isinstance(value, Sentence):
        return value.english
    if value is None or isinstance(value, int):
        return value
    # PostgreSQL refuses NUL and lone surrogates.
    text = str(value).replace(MARK, "").replace("\0", "\ufffd")
    return text.encode(errors="replace").decode()


def _kept(value: Any) -> dict[str, Any] | None:
    return value.kept if isinstance(value, Sentence) else None


class _InAnyLanguage(DeferredAttribute):
    """A row's text in the present language, if the facts beside it are still its own.

    A text that was written without its facts is shown as it is.
    """

    def __get__(self, row: models.Model | None, cls: Any = None) -> Any:
        text = super().__get__(row, cls)
        if row is None or not text or isinstance(text, Sentence):
            return text
        kept = getattr(row, self.field.attname + BESIDE, None)
        told = read(kept) if kept else text
        return told if in_english(told) == text else text

    def __set__(self, row: models.Model, text: Any) -> None:
        row.__dict__[self.field.attname] = text


class SentenceField(models.TextField):  # type: ignore[type-arg] # not at run time
    """Text that stays as it is, but for sentences: stored in English, read in any.

    Its model has a `FactsField` beside it and a `SentenceQuerySet` as its manager.
    """

    descriptor_class = _InAnyLanguage

    def get_prep_value(self, value: Any) -> Any:
        return in_english(super().get_prep_value(value))

    def value_to_string(self, obj: models.Model) -> str:
        return str(in_english(self.value_from_object(obj)))


class FactsField(models.JSONField):
    """Template and facts of the sentence in the text of this name, null without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": True, "editable": False, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        kept = _kept(getattr(model_instance, self.attname.removesuffix(BESIDE)))
        setattr(model_instance, self.attname, kept)
        return kept


class SentenceQuerySet(models.QuerySet[Row]):
    """Rows whose sentences are updated together with the facts beside them."""

    def update(self, **values: Any) -> int:
        facts = {
            field.name + BESIDE: _kept(values[field.name])
            for field in self.model._meta.concrete_fields
            if isinstance(field, SentenceField) and field.name in values
        }
        return super().update(**{**facts, **values})

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(
        self, objs: Iterable[Row], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        own = {field.name for field in self.model._meta.concrete_fields}
        names = set(fields)
        beside = {name + BESIDE for name in names} & own
        return super().bulk_update(objs, names | beside, batch_size)

    bulk_update.alters_data = True  # type: ignore[attr-defined]
