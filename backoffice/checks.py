"""System checks: settings under which orders or tracking could get lost, with hints."""

import shlex
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from backoffice.kit.private_files import (
    database_files,
    holds_tables,
    open_to_others,
)
from orders import search_index
from stores.marketplaces.hosts import is_practice
from stores.marketplaces.http import check_base_url


def least_retry(cluster: dict[str, Any]) -> int:
    """Return the seconds after which no task can still be waiting or running."""
    waiting = cluster.get("queue_limit", 1) + cluster.get("bulk", 1)
    workers = cluster.get("workers", 1)
    return cluster["timeout"] * (1 + ceil(waiting / workers)) + 10


@register(Tags.compatibility)
def check_queue(**options: Any) -> Iterator[CheckMessage]:
    cluster = settings.Q_CLUSTER
    if not isinstance(cluster.get("timeout"), int):
        yield Error(
            "Q_CLUSTER['timeout'] is not a whole number of seconds.",
            hint="Without one a task that hangs holds its worker for ever.",
            id="backoffice.E001",
        )
        return
    if cluster.get("retry", 60) < least_retry(cluster):
        yield Error(
            "Q_CLUSTER['retry'] is so short that one task runs several times.",
            hint=f"Set it to {least_retry(cluster)} seconds or more.",
            id="backoffice.E002",
        )
    if cluster.get("max_attempts") != 1 or not cluster.get("ack_failures"):
        yield checks.Warning(
            "Q_CLUSTER lets the queue repeat failed tasks.",
            hint="Set max_attempts=1 and ack_failures=True: the rows know what is "
            "due again, and when.",
            id="backoffice.W001",
        )
    if cluster.get("catch_up", True):
        yield checks.Warning(
            "Q_CLUSTER['catch_up'] replays every schedule missed while it was off.",
            hint="Set catch_up=False.",
            id="backoffice.W002",
        )


@register(Tags.database)
def check_database(**options: Any) -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    choices = database.get("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        if settings.Q_CLUSTER.get("redis"):
            yield Error(
                "With SQLite and REDIS_URL one schedule fires twice.",
                hint="Unset REDIS_URL, or move to PostgreSQL.",
                id="backoffice.E003",
            )
        if choices.get("transaction_mode") != "IMMEDIATE":
            yield Error(
                "SQLite without IMMEDIATE transactions fails under load.",
                hint="Set OPTIONS['transaction_mode'] = 'IMMEDIATE'.",
                id="backoffice.E004",
            )
    if choices.get("pool"):
        yield Error(
            "The connection pool breaks the queue's forked workers.",
            hint="Remove OPTIONS['pool'].",
            id="backoffice.E005",
        )


# Of migrate, which makes the index, it would only be in the way.
@register(Tags.database, deploy=True)
def check_search_index(
    databases: Sequence[str] | None = None, **options: Any
) -> list[CheckMessage]:
    return [
        checks.Warning(
            "Searches have no index and are slow with many orders.",
            hint=search_index.hint(alias),
            id="backoffice.W003",
        )
        for alias in databases or ()
        if not search_index.is_whole(alias)
    ]


@register(Tags.security)
def check_secrets(**options: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        keys = [Fernet(key) for key in settings.TOKEN_ENCRYPTION_KEYS]
    except ValueError:
        keys = []
    if not keys:
        found.append(
            Error(
                "TOKEN_ENCRYPTION_KEYS holds no valid keys.",
                hint="Make one with cryptography's Fernet.generate_key().",
                id="backoffice.E006",
            )
        )
    try:
        check_base_url(settings.TOPHATTER_API_URL, settings.ALLOW_PRIVATE_MARKETPLACE)
    except ValueError as error:
        found.append(
            Error(
                "TOPHATTER_API_URL is not acceptable.",
                hint=str(error),
                id="backoffice.E007",
            )
        )
        return found
    if settings.DEBUG and not is_practice(settings.TOPHATTER_API_URL):
        found.append(
            Error(
                "DEBUG is on with a real marketplace, and shows errors in full.",
                hint="Set DEBUG=False in .env, or delete the line; docs/deploying.md "
                "tells how to run the real thing.",
                id="backoffice.E008",
            )
        )
    return found


@register(Tags.security)
def check_files(**options: Any) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    kept = [settings.ENV_FILE, settings.BASE_DIR / "demo-login.txt"]
    # Before that any command may have made it; migrate closes it.
    if database["ENGINE"].endswith("sqlite3") and holds_tables(database["NAME"]):
        kept += database_files(database["NAME"])
    return [
        checks.Warning(
            f"{path} can be read by everybody on this computer.",
            hint=f"Close it: chmod 600 {shlex.quote(str(path))}",
            id="backoffice.W004",
        )
        for path in open_to_others(kept)
    ]
