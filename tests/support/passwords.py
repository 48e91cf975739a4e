"""Passwords that cost tests no time; other processes can check them all the same."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class OneRound(PBKDF2PasswordHasher):
    """Django's own algorithm; a stored password says itself how many rounds it had."""

    iterations = 1
