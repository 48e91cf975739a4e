"""Run our commands and read what they print."""

import json
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError


def run(*arguments: str) -> int:
    """Run a command and return its exit status; what it says goes to the streams."""
    try:
        call_command(*arguments)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return error.returncode
    except SystemExit as ending:
        return ending.code or 0
    return 0


def lines(text: str) -> list[dict[str, Any]]:
    """Read standard output as one JSON object a line, and nothing else."""
    return [json.loads(line) for line in text.splitlines()]
