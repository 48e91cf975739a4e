"""Turn stored sentences over, for migrations: to plain English text, and back.

Before, a text column held `\\x1e["template", {facts}]`, and so did the facts that were
sentences themselves. Since then it holds English, and its facts lie beside it.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import migrations

from backoffice.kit.sentences import BESIDE, MARK, SentenceField

BATCH = 1000

Texts = tuple[str, str | None]


def turn_sentences_over(app: str) -> migrations.RunPython:
    """Return the step of a migration that turns the sentences of an app's rows over."""
    return migrations.RunPython(
        partial(_turn, app, _to_plain), partial(_turn, app, _to_marked)
    )


def _turn(app: str, change: Callable[..., Texts], apps: Any, editor: Any) -> None:
    for model in apps.get_app_config(app).get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SentenceField):
                _turn_column(editor.connection, model._meta, str(field.column), change)


def _turn_column(
    connection: Any, options: Any, column: str, change: Callable[..., Texts]
) -> None:
    table, key, text, facts = map(
        connection.ops.quote_name,
        (options.db_table, options.pk.column, column, column + BESIDE),
    )
    with connection.cursor() as cursor:
        for rows in _sentences(cursor, table, key, text, facts):
            cursor.executemany(
                f"UPDATE {table} SET {text} = %s, {facts} = %s WHERE {key} = %s",  # nosec B608 # names come from the models
                [(*change(old, beside), pk) for pk, old, beside in rows],
            )


def _sentences(
    cursor: Any, table: str, key: str, text: str, facts: str
) -> Iterator[list[tuple[int, str, Any]]]:
    """Yield the rows that hold a sentence in either form, a batch at a time."""
    last = 0
    while True:
        cursor.execute(
            f"SELECT {key}, {text}, {facts} FROM {table} WHERE {key} > %s "  # nosec B608 # names come from the models
            f"AND ({text} LIKE %s OR {facts} IS NOT NULL) ORDER BY {key} LIMIT {BATCH}",
            [last, f"{MARK}%"],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _to_plain(text: str, _beside: Any) -> Texts:
    try:
        english, kept = _read_marked(text)
    except (AttributeError, KeyError, TypeError, ValueError):
        # Somebody's text, from before texts were kept free of the mark.
        return text, None
    return english, json.dumps(kept)


def _read_marked(fact: Any) -> tuple[Any, Any]:
    """Return a fact in English, and as it is kept beside the text."""
    if not isinstance(fact, str):
        return fact, fact
    if not fact.startswith(MARK):
        # PostgreSQL keeps no NUL.
        plain = fact.replace("\0", "\ufffd")
        return plain, plain
    template, facts = json.loads(fact.removeprefix(MARK))
    read = {name: _read_marked(one) for name, one in facts.items()}
    english = {name: text for name, (text, _kept) in read.items()}
    kept = {name: one for name, (_text, one) in read.items()}
    return (
        template % english if english else template,
        {"template": template, "facts": kept},
    )


def _to_marked(text: str, beside: Any) -> Texts:
    marked = _mark(json.loads(beside) if isinstance(beside, str) else beside)
    is_its_own = _read_marked(marked)[0] == text
    return marked if is_its_own else text, None


def _mark(fact: Any) -> Any:
    if not isinstance(fact, dict):
        return fact
    marked = {name: _mark(one) for name, one in fact["facts"].items()}
    return MARK + json.dumps([fact["template"], marked], ensure_ascii=False)
