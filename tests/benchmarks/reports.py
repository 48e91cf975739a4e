"""How benchmarks time what is done over and over, and show and keep the figures."""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def p95(
    name: str,
    step: Callable[[], object],
    times: int,
    patience: float,
    tidy: Callable[[], object] = lambda: None,
) -> float:
    """Return the 95th percentile of so many runs in milliseconds, and print it.

    One run before them warms up, and `tidy` follows each untimed. Once they have taken
    more than `patience`, in seconds, none follows.
    """
    seconds: list[float] = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begun)
        tidy()
        if sum(seconds) > patience:
            break
    warm = seconds[1:] or seconds
    found = statistics.quantiles(warm, n=20)[-1] if len(warm) > 1 else warm[0]
    figure = round(found * 1000, 1)
    print(f"{figure:>10,.1f} ms  {name}", file=sys.stderr, flush=True)
    return figure


def p95_table(figures: dict[str, dict[str, float]], width: int, digits: int) -> str:
    """Return the figures as a table: a line each, a database a column."""
    names = list(dict.fromkeys(name for one in figures.values() for name in one))
    lines = [f"{'p95 in ms':<{width}}" + "".join(f"{name:>20}" for name in figures)]
    for name in names:
        cells = (found.get(name) for found in figures.values())
        shown = "".join(
            f"{'' if cell is None else format(cell, f',.{digits}f'):>20}"
            for cell in cells
        )
        lines.append(f"{name:<{width}}{shown}")
    return "\n".join(lines)


def write_json(path: str | None, figures: Any, **more: Any) -> None:
    """Write the figures and the machine's cores to a file, if one was asked for."""
    if path:
        facts = {"cores": os.cpu_count(), "figures": figures, **more}
        Path(path).write_text(json.dumps(facts, indent=1))
