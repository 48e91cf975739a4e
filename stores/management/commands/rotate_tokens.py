"""Encrypt all access tokens, and secrets of second factors, under the newest key."""

from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.kit.commands import OperatorCommand
from backoffice.models import SecondFactor
from stores import tokens
from stores.models import Store


class Command(OperatorCommand):
    help = gettext_lazy(
        "Encrypt every store's access token under the first of TOKEN_ENCRYPTION_KEYS; "
        "afterwards the older keys can be removed. Example: manage.py rotate_tokens"
    )

    def handle(self, **options: Any) -> None:
        unreadable = []
        count = 0
        for store in Store.objects.exclude(token_ciphertext=""):  # nosec B106 # an empty token is none
            try:
                rotated = tokens.rotate(store.token_ciphertext)
            except tokens.TokenUnreadable:
                unreadable.append(store.name)
                continue
            # A token that was replaced meanwhile is under the newest key already.
            count += Store.objects.filter(
                pk=store.pk, token_ciphertext=store.token_ciphertext
            ).update(token_ciphertext=rotated)
        message = ngettext(
            "%d access token is encrypted under the newest key.",
            "%d access tokens are encrypted under the newest key.",
            count,
        )
        self.stdout.write(message % count)
        self._rotate_second_factors(unreadable)
        if unreadable:
            message = _(
                "No key fits the tokens of %(stores)s: put the key they were saved "
                "with back into TOKEN_ENCRYPTION_KEYS, or replace them."
            )
            raise CommandError(message % {"stores": ", ".join(unreadable)})

    def _rotate_second_factors(self, unreadable: list[str]) -> None:
        for factor in SecondFactor.objects.select_related("user"):
            try:
                rotated = tokens.rotate(factor.secret_ciphertext)
            except tokens.TokenUnreadable:
                unreadable.append(str(factor))
                continue
            SecondFactor.objects.filter(
                pk=factor.pk, secret_ciphertext=factor.secret_ciphertext
            ).update(secret_ciphertext=rotated)
