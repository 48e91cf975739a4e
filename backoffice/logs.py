"""Log lines without access tokens."""

import logging
import re

TOKEN = re.compile(r"(access_token[\"']?\s*[=:]\s*[\"']?)[^\s&\"']+|\b[0-9a-f]{32}\b")


def scrub(text: str) -> str:
    return TOKEN.sub(lambda found: f"{found[1] or ''}****", text)


class ScrubbingFormatter(logging.Formatter):
    """Formats a record, then hides tokens in the whole text, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))
