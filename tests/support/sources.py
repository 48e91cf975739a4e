"""Our source files, parsed once a process, when the first test asks for them."""

import ast
from functools import cache
from pathlib import Path

from tests.support.programs import ROOT

OURS = {"backoffice", "stores", "orders"}


def files(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


@cache
def sources() -> dict[str, ast.Module]:
    """Return the tree of each of our modules, by its name."""
    return {
        _module_of(path): ast.parse(path.read_text())
        for path in [*files(*sorted(OURS)), ROOT / "manage.py"]
    }


def _module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
