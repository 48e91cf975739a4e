"""Access tokens at rest: encrypted under keys that can be rotated."""

import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from backoffice.kit.logs import keep_secret
from backoffice.kit.sentences import sentence


class TokenUnreadable(Exception):
    """The stored token cannot be decrypted with the keys this process has."""

    def __str__(self) -> str:
        return sentence(
            "The stored access token cannot be decrypted: add the key it was "
            "saved with to TOKEN_ENCRYPTION_KEYS, or replace the token."
        )


class CredentialsUnreadable(TokenUnreadable):
    """The same of a store that no token opens."""

    def __str__(self) -> str:
        return sentence(
            "The stored credentials cannot be decrypted: add the key they were saved "
            "with to TOKEN_ENCRYPTION_KEYS, or replace them."
        )


class KeysUnusable(TokenUnreadable):
    """A key of TOKEN_ENCRYPTION_KEYS is none: nothing is encrypted or decrypted."""

    def __str__(self) -> str:
        return sentence(
            "TOKEN_ENCRYPTION_KEYS holds no valid keys: put back the ones the access "
            "tokens were saved with, and start the back office anew."
        )


class Secret:
    """A token that does not show itself and cannot enter a task, cache or log."""

    __slots__ = ("_value",)

    @sensitive_variables()
    def __init__(self, value: str) -> None:
        keep_secret(value)
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "****"

    def __reduce__(self) -> str:
        raise TypeError("A secret cannot be pickled or copied.")


def _keyring() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.TOKEN_ENCRYPTION_KEYS])
    except ValueError:
        raise KeysUnusable from None


@sensitive_variables("token")
def encrypt(token: str) -> str:
    """Encrypt under the newest key, or raise `KeysUnusable`."""
    return _keyring().encrypt(token.encode()).decode()


@sensitive_variables()
def decrypt(ciphertext: str) -> Secret:
    """Return the token, or raise `TokenUnreadable`; never the ciphertext itself."""
    try:
        return Secret(_keyring().decrypt(ciphertext.encode()).decode())
    except InvalidToken:
        raise TokenUnreadable from None


def rotate(ciphertext: str) -> str:
    """Re-encrypt under the newest key, or raise `TokenUnreadable`."""
    try:
        return _keyring().rotate(ciphertext.encode()).decode()
    except InvalidToken:
        raise TokenUnreadable from None


@sensitive_variables("token")
def fingerprint(token: str) -> str:
    """Return a digest that recognises the same token without revealing it."""
    return hashlib.sha256(token.encode()).hexdigest()
