"""Sentences that are stored, and read in the language of whoever looks at them.

What goes into a row is made with `sentence()`; `_` is gettext's, for what is said now.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext

# Begins what a row keeps of a sentence; nothing that people or marketplaces write.
MARK = "\x1e"


class Sentence(str):
    """A sentence in the present language that remembers what it was made of."""

    template: str
    # What a row keeps: the English template and its facts.
    kept: str

    def __new__(cls, template: str, facts: Mapping[str, Any] | None = None) -> Self:
        text = gettext(template)
        sentence = super().__new__(cls, text % facts if facts else text)
        named = {name: _kept(fact) for name, fact in (facts or {}).items()}
        sentence.kept = MARK + json.dumps([template, named], ensure_ascii=False)
        sentence.template = template
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


def read(kept: str) -> str:
    """Return what a row keeps of a sentence in the present language."""
    if not kept.startswith(MARK):
        return kept
    template, facts = json.loads(kept[len(MARK) :])
    return Sentence(
        template,
        {
            name: read(fact) if isinstance(fact, str) else fact
            for name, fact in facts.items()
        },
    )


class SentenceField(models.TextField):
    """Text that stays as it is, but for sentences, which are read in any language."""

    def from_db_value(self, value: str | None, *_args: Any) -> str | None:
        return value if value is None else read(value)

    def get_prep_value(self, value: Any) -> Any:
        return _kept(super().get_prep_value(value))


def _kept(value: Any) -> Any:
    """Return what a row keeps of a fact, a text or a sentence."""
    if isinstance(value, Sentence):
        return value.kept
    if value is None or isinstance(value, int):
        return value
    return str(value).replace(MARK, "")
