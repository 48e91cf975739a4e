"""What the back office knows of itself, and of who works in it."""

import hashlib
from importlib import import_module
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit import languages
from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet


class Heartbeat(models.Model):
    """The last time a task came all the way: schedule, queue, worker, row."""

    name = models.CharField(_("name"), max_length=50, unique=True)
    beat_at = models.DateTimeField(_("last beat"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class Preferences(models.Model):
    """How a user wants to read; what is empty, the browser says."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="preferences",
        verbose_name=_("user"),
    )
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=languages.choices
    )
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user)


class UserSession(AbstractBaseSession):
    """A session, and whose it is; written by `people.sessions`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="sessions",
        null=True,
        verbose_name=_("user"),
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    browser = models.CharField(_("browser"), max_length=250, blank=True)
    used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore

    @property
    def reference(self) -> str:
        """What a page calls the session by; with its key one could take it over."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()


class SecondFactor(models.Model):
    """What a user proves a sign-in with besides the password: codes of an app.

    Whoever has passkeys alone has a row too, never confirmed, for the recovery codes.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="second_factor",
        verbose_name=_("user"),
    )
    secret_ciphertext = models.TextField(_("secret, encrypted"))
    # Until a code of the app was given, its codes count for nothing.
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    # Of the last code taken, in steps of 30 seconds: none is taken twice.
    last_step = models.BigIntegerField(_("step of the last code"), default=-1)
    # As passwords are kept; one that was used is gone.
    recovery_codes = models.JSONField(_("recovery codes"), default=list)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.user)


class Passkey(models.Model):
    """A key that a phone, a computer or a stick keeps; what is here is no secret."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="passkeys",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=50)
    # Both as base64url; the standard allows 1023 bytes.
    credential_id = models.CharField(_("credential"), max_length=1400, unique=True)
    public_key = models.TextField(_("public key"))
    # Of the last use: a copy of the key gives itself away by counting behind.
    sign_count = models.PositiveBigIntegerField(_("uses"), default=0)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name


class FailedTries(AccessAttempt):
    """Failed tries to sign in by one account from one address; django-axes writes."""

    class Meta:
        proxy = True
        verbose_name = _("failed login")
        verbose_name_plural = _("failed logins")


class AuditEntry(models.Model):
    """Who did what that somebody may one day ask about; written once, by `audit`.

    The database refuses to change one. Names stand beside the keys, so that an entry
    outlives whom and what it is about.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        SIGNED_OUT = "signed_out", _("Signed out")
        SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
        LOCKED_OUT = "locked_out", _("Locked out")
        UNLOCKED = "unlocked", _("Lock-out ended")
        PASSWORD = "password", _("Password changed")
        PASSWORD_LINK = "password_link", _("Password link sent")
        SECOND_FACTOR = "second_factor", _("Second factor changed")
        SESSIONS = "sessions", _("Sessions ended")
        RIGHTS = "rights", _("Rights changed")
        CONNECTED = "connected", _("Store connected")
        DISCONNECTED = "disconnected", _("Store disconnected")
        TOKEN = "token", _("Token replaced")
        SETTINGS = "settings", _("Settings changed")
        SHIPPED = "shipped", _("Shipped")
        OVERRIDDEN = "overridden", _("Sent despite a doubt")
        EXPORTED = "exported", _("Exported")
        ERASED = "erased", _("Personal data erased")

    at = models.DateTimeField(_("at"), auto_now_add=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # No foreign keys: a row that goes changes no entry.
    user_key = models.PositiveBigIntegerField(_("user number"), null=True)
    user = models.CharField(_("user"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    store_key = models.PositiveBigIntegerField(_("store number"), null=True)
    # What it was done to, as people call it: a store, an order, another user.
    about = models.CharField(_("about"), max_length=200, blank=True)
    text = SentenceField(_("text"), blank=True)
    text_facts = FactsField()
    # Of settings and rights: [field, from, to], one each, never a secret.
    changes = models.JSONField(_("changes"), default=list)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-id"]
        # One for each thing that its list is narrowed to, in the order of the list.
        indexes = [
            models.Index(fields=["-at", "-id"], name="backoffice_audit_newest"),
            models.Index(fields=["kind", "-at", "-id"], name="backoffice_audit_kind"),
            models.Index(fields=["user", "-at", "-id"], name="backoffice_audit_user"),
            models.Index(
                fields=["store_key", "-at", "-id"], name="backoffice_audit_store"
            ),
            models.Index(fields=["about", "-at", "-id"], name="backoffice_audit_about"),
            models.Index(
                fields=["address", "-at", "-id"],
                name="backoffice_audit_address",
                condition=models.Q(address__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
