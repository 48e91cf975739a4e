"""Passkeys: a second factor that nothing can be coaxed out of, by WebAuthn."""

import time
from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import gettext as _
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backoffice.kit.errors import NotAllowed
from backoffice.kit.sentences import sentence
from backoffice.models import Passkey
from backoffice.people import second_factor

# What the passkey has to sign, and until when; kept in the session, taken once.
CHALLENGE = "passkey_challenge"
ANSWER_WITHIN = 5 * 60
# Of one person; each sign-in names them all to the browser.
MOST_PASSKEYS = 20
# Besides its own, what the library raises of an answer that no browser makes.
UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, RecursionError)


def question_to_add(request: HttpRequest, user: User) -> str:
    """Return what the browser asks a device for a new passkey with, as JSON."""
    options = generate_registration_options(
        rp_id=_host(request),
        rp_name=_("Back office"),
        user_name=user.get_username(),
        user_id=str(user.pk).encode(),
        exclude_credentials=_keys_of(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    _keep(request, options.challenge)
    return options_to_json(options)


def add_passkey(
    request: HttpRequest, user: User, name: str, answer: str
) -> list[str] | None:
    """Take a new passkey; return the recovery codes if it is the first factor.

    They are shown this once. `None` is returned if the answer is not right. Raises
    `NotAllowed` where the user has as many as one may have.
    """
    challenge = _take_challenge(request)
    if challenge is None:
        return None
    try:
        key = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
        )
    except UNREADABLE:
        return None
    with transaction.atomic():
        # Of two at the same moment the second waits, and counts the first's.
        User.objects.select_for_update().get(pk=user.pk)
        if Passkey.objects.filter(user=user).count() >= MOST_PASSKEYS:
            message = _("You have %(most)d passkeys, and no more are kept; remove one.")
            raise NotAllowed(message % {"most": MOST_PASSKEYS})
        _row, is_new = Passkey.objects.get_or_create(
            credential_id=bytes_to_base64url(key.credential_id),
            defaults={
                "user": user,
                "name": name,
                "public_key": bytes_to_base64url(key.credential_public_key),
                "sign_count": key.sign_count,
            },
        )
        if not is_new:
            return None
        text = sentence("Passkey “%(name)s” added.") % {"name": name}
        second_factor.note_factor_change(request, user, text)
        return second_factor.first_recovery_codes(second_factor.begin_factor(user))


def remove_passkey(request: HttpRequest, passkey: Passkey) -> None:
    """Take one passkey away; the recovery codes go with the last factor."""
    user = passkey.user
    with transaction.atomic():
        passkey.delete()
        text = sentence("Passkey “%(name)s” removed.") % {"name": passkey.name}
        second_factor.note_factor_change(request, user, text)
        if second_factor.factor_of(user) is None:
            second_factor.remove_factor(request, user)


def question_to_sign_in(request: HttpRequest, user: User) -> str:
    """Return what the browser asks a user's devices for a signature with, as JSON."""
    options = generate_authentication_options(
        rp_id=_host(request), allow_credentials=_keys_of(user)
    )
    _keep(request, options.challenge)
    return options_to_json(options)


def take_passkey(request: HttpRequest, user: User, answer: str) -> bool:
    """Whether one of the user's own passkeys signed what was asked just now."""
    challenge = _take_challenge(request)
    if challenge is None:
        return False
    try:
        given = parse_authentication_credential_json(answer)
        key = Passkey.objects.get(
            user=user, credential_id=bytes_to_base64url(given.raw_id)
        )
        proof = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
        )
    except (*UNREADABLE, Passkey.DoesNotExist):
        return False
    # In one statement: of two who count alike at once, one comes too late.
    same = Passkey.objects.filter(pk=key.pk, sign_count=key.sign_count)
    return bool(
        same.update(sign_count=proof.new_sign_count, last_used_at=datetime.now(UTC))
    )


def _keys_of(user: User) -> list[PublicKeyCredentialDescriptor]:
    ids = Passkey.objects.filter(user=user).values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(one)) for one in ids]


def _keep(request: HttpRequest, challenge: bytes) -> None:
    until = time.time() + ANSWER_WITHIN
    request.session[CHALLENGE] = [bytes_to_base64url(challenge), until]


def _take_challenge(request: HttpRequest) -> bytes | None:
    challenge, until = request.session.pop(CHALLENGE, ["", 0])
    return base64url_to_bytes(challenge) if time.time() < until else None


def _host(request: HttpRequest) -> str:
    return split_domain_port(request.get_host())[0]


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
