"""The second factor: an app or passkeys, and recovery codes for when they are lost."""

import base64
import logging
import secrets
import time
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Q
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django_otp.oath import TOTP

from backoffice import audit
from backoffice.kit.sentences import sentence
from backoffice.models import AuditEntry, Passkey, SecondFactor
from stores import tokens

logger = logging.getLogger(__name__)

# Who may do one of these is asked for a second factor where it is compulsory.
MANAGING = [
    *("stores.add_store", "stores.change_store", "stores.replace_token"),
    *("auth.add_user", "auth.change_user", "auth.change_group"),
]
STEP = 30
# How many steps an app's clock may be off, in either direction.
TOLERANCE = 1
RECOVERY_CODES = 10
# Enough for codes nobody chose: 50 bits each, and making ten must not take seconds.
ROUNDS = 50_000
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def factor_of(user: User) -> SecondFactor | None:
    """Return the second factor of a user who has confirmed an app or has a passkey."""
    rows = SecondFactor.objects.filter(user=user)
    has_passkey = Exists(Passkey.objects.filter(user=user))
    return rows.filter(Q(confirmed_at__isnull=False) | has_passkey).first()


def must_have_one(user: Any) -> bool:
    """Whether the settings make it compulsory for this user."""
    return settings.SECOND_FACTOR_REQUIRED and any(map(user.has_perm, MANAGING))


@sensitive_variables("secret")
def begin_factor(user: User) -> SecondFactor:
    """Return a new factor for the user's app; it counts once a code of it was given.

    One that was begun and not confirmed stays, so that the page can be loaded again,
    unless its key is lost.
    """
    row = SecondFactor.objects.filter(user=user).first()
    if row and (row.confirmed_at or _is_readable(row)):
        return row
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    row, _is_new = SecondFactor.objects.update_or_create(
        user=user, defaults={"secret_ciphertext": tokens.encrypt(secret)}
    )
    return row


def _is_readable(factor: SecondFactor) -> bool:
    try:
        secret_of(factor)
    except tokens.TokenUnreadable:
        return False
    return True


@sensitive_variables()
def secret_of(factor: SecondFactor) -> str:
    """Return the secret as one types it into an app, or raise `TokenUnreadable`."""
    return tokens.decrypt(factor.secret_ciphertext).reveal()


@sensitive_variables()
def picture_of(factor: SecondFactor) -> str:
    """Return the address of a picture that an app reads the secret from."""
    issuer = _("Back office")
    label = quote(f"{issuer}:{factor.user.get_username()}")
    facts = urlencode({"secret": secret_of(factor), "issuer": issuer}, quote_via=quote)
    code = segno.make(f"otpauth://totp/{label}?{facts}", error="m")
    return str(code.svg_data_uri(scale=5, border=3, light="#fff"))


@sensitive_variables("codes")
def confirm_factor(
    request: HttpRequest, factor: SecondFactor, code: str
) -> list[str] | None:
    """Let the app count if the code is its own; return the recovery codes if new.

    They are shown this once. `None` is returned if the code is wrong.
    """
    if not _take_app_code(factor, code):
        return None
    SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=datetime.now(UTC))
    note_factor_change(request, factor.user, sentence("Second factor set up."))
    return first_recovery_codes(factor)


@sensitive_variables("codes")
def first_recovery_codes(factor: SecondFactor) -> list[str]:
    """Return recovery codes, shown this once, unless there are some already."""
    return [] if factor.recovery_codes else _make_recovery_codes(factor)


@sensitive_variables("codes")
def renew_recovery_codes(request: HttpRequest, factor: SecondFactor) -> list[str]:
    """Return new recovery codes, shown this once; the old ones are worth nothing."""
    note_factor_change(request, factor.user, sentence("Recovery codes replaced."))
    return _make_recovery_codes(factor)


def remove_factor(request: HttpRequest | None, user: User) -> bool:
    """Take away a user's app and passkeys; return whether there were any.

    Without a request it was whoever sits at the server.
    """
    with transaction.atomic():
        passkeys, _rows = Passkey.objects.filter(user=user).delete()
        count, _rows = SecondFactor.objects.filter(user=user).delete()
    if count + passkeys:
        note_factor_change(request, user, sentence("Second factor removed."))
    return bool(count + passkeys)


def note_factor_change(request: HttpRequest | None, user: User, text: str) -> None:
    """Write into the audit what happened to a user's second factor."""
    audit.record(
        AuditEntry.Kind.SECOND_FACTOR,
        by=None if request else "manage.py",
        request=request,
        about=user,
        text=text,
    )


def take_code(factor: SecondFactor, code: str) -> bool:
    """Whether this is a code of the app or a recovery code; neither is taken twice."""
    code = "".join(code.lower().replace("-", "").split())
    has_app = factor.confirmed_at is not None
    return (has_app and _take_app_code(factor, code)) or _take_recovery_code(
        factor, code
    )


@sensitive_variables()
def _take_app_code(factor: SecondFactor, code: str) -> bool:
    code = code.replace(" ", "")
    if not (code.isascii() and code.isdecimal() and len(code) == 6):
        return False
    try:
        totp = TOTP(base64.b32decode(secret_of(factor)), STEP)
    except tokens.TokenUnreadable:
        logger.error(
            "The second factor of %s cannot be decrypted: add the key it was saved "
            "with to TOKEN_ENCRYPTION_KEYS, or remove it on the user’s page.",
            factor.user,
        )
        return False
    totp.time = time.time()
    if not totp.verify(int(code), TOLERANCE):
        return False
    # In one statement: of two who give the same code at once, one comes too late.
    unused = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=totp.t())
    return bool(unused.update(last_step=totp.t()))


def _take_recovery_code(factor: SecondFactor, code: str) -> bool:
    if len(code) != 10:
        return False
    with transaction.atomic():
        row = SecondFactor.objects.select_for_update().get(pk=factor.pk)
        # Not `check_password`, which makes a wrong one cost a password's rounds.
        hasher = _hasher()
        left = [one for one in row.recovery_codes if not hasher.verify(code, one)]
        is_taken = len(left) < len(row.recovery_codes)
        if is_taken:
            row.recovery_codes = left
            row.save(update_fields=["recovery_codes"])
    return is_taken


@sensitive_variables("codes")
def _make_recovery_codes(factor: SecondFactor) -> list[str]:
    codes = [get_random_string(10, LETTERS) for _code in range(RECOVERY_CODES)]
    hasher = _hasher()
    rounds = min(ROUNDS, hasher.iterations)
    kept = [hasher.encode(one, hasher.salt(), iterations=rounds) for one in codes]
    SecondFactor.objects.filter(pk=factor.pk).update(recovery_codes=kept)
    return [f"{one[:5]}-{one[5:]}" for one in codes]


def _hasher() -> PBKDF2PasswordHasher:
    return cast("PBKDF2PasswordHasher", get_hasher("pbkdf2_sha256"))
