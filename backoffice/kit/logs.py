"""Log lines without access tokens, as text or as JSON."""

import json
import logging
import re
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, quote_plus

# The names of secrets in queries and headers, with what may stand before their values.
NAMES = (
    "access_token|auth_key|consumer_key|consumer_secret|SS-UserName|SS-Password"
    "|(?:ShipStation|SEC)-Access-Token|Authorization"
)
TOKEN = re.compile(
    rf"((?i:{NAMES})[\"']?\s*[=:]\s*b?[\"']?(?:(?:Basic|Bearer)\s+)?)[^\s&\"']+"
    r"|\b[0-9a-f]{32}\b"
)
# What a line may be about; set with logging's `extra`.
SUBJECTS = ("store_id", "run_id", "order_id", "shipment_id")
# Shorter ones are in half of all texts.
SHORTEST_SECRET = 8
MOST_SECRETS = 1000
_secrets: dict[str, None] = {}


def keep_secret(*secrets: str) -> None:
    """Have these texts hidden wherever this process scrubs, the newest thousand.

    A marketplace may want several of one store: an address, a key, a password.
    """
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET:
            continue
        in_json = json.dumps(secret)[1:-1]
        for one in (secret, in_json, quote(secret, ""), quote_plus(secret)):
            # As a page writes it, too.
            _secrets.update({one: None, escape(one): None})
    while len(_secrets) > MOST_SECRETS:
        _secrets.pop(next(iter(_secrets)), None)


def scrub(text: str) -> str:
    """Return the text without the secrets of this process and what looks like one."""
    # The longest first: one may be the beginning of another.
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "****")
    return TOKEN.sub(lambda found: f"{found[1] or ''}****", text)


class ScrubbingFormatter(logging.Formatter):
    """Formats a record, then hides tokens in the whole text, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the ids of what the line is about.

    Texts are scrubbed before JSON escapes their quotes, which would hide tokens.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        facts = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        facts |= {
            name: getattr(record, name) for name in SUBJECTS if hasattr(record, name)
        }
        if record.exc_info:
            facts["traceback"] = scrub(self.formatException(record.exc_info))
        return json.dumps(facts, ensure_ascii=False, default=str)
