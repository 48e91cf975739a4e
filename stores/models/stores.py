"""Stores: what staff set, and what machines write."""

import re
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.kit import languages, zones
from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet
from stores import accounts, wording
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Abilities, Account
from stores.marketplaces.base import Marketplace, OrderStatus

LONGEST_CARRIER = 100


def validate_timezone(name: str) -> None:
    if name not in zones.known():
        raise ValidationError(
            _("%(name)s is not a time zone; an example is America/Los_Angeles."),
            params={"name": name},
        )


class Store(models.Model):
    """A shop at a marketplace. Staff write the settings, machines the rest."""

    class Connection(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        REFUSED = "refused", pgettext_lazy("store", "Refused")

    name = models.CharField(
        _("name"), max_length=100, unique=True, help_text=_("For example: Main store.")
    )
    marketplace = models.CharField(
        _("marketplace"),
        max_length=20,
        choices=accounts.marketplace_names,
        default=accounts.default_marketplace,
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_(
            "Off: nothing is imported or sent by itself. The orders stay here."
        ),
    )
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_timezone],
        help_text=_(
            "The zone of the marketplace's times that carry no offset, "
            "for example America/Los_Angeles."
        ),
    )
    import_variation_as_option = models.BooleanField(
        _("import variation ID as item option"),
        default=False,
        help_text=_("Shows the variation's ID among the options of each item."),
    )
    auto_import = models.BooleanField(_("import automatically"), default=True)
    import_interval = models.PositiveIntegerField(
        _("import interval (minutes)"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
        help_text=_("Minutes between two automatic imports, for example 15."),
    )
    auto_send_tracking = models.BooleanField(
        _("send tracking automatically"),
        default=True,
        help_text=_("Sends carrier and tracking number as soon as an order ships."),
    )
    notices_at_once = models.PositiveSmallIntegerField(
        _("notices at the same time"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(32)],
        help_text=_(
            "How many shipment notices are sent at the same time, for example 4; fewer "
            "when the marketplace asks for fewer requests."
        ),
    )
    ship_within_days = models.PositiveSmallIntegerField(
        _("ship within (days)"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("Days from payment to the ship-by deadline, for example 5."),
    )
    erase_after_days = models.PositiveSmallIntegerField(
        _("erase personal data after (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3660)],
        help_text=_(
            "Days from the last change at the marketplace of an order that is shipped "
            "or cancelled, for example 365. Name, address, e-mail address, notes and "
            "what came of them go for good; numbers, dates, items and amounts stay. "
            "Left empty, all is kept."
        ),
    )
    confirm_green = models.BooleanField(
        _("confirm every sending by hand"),
        default=True,
        help_text=_(
            "Off: a sending by hand whose last look is all green goes without a click."
        ),
    )

    company_name = models.CharField(_("company name"), max_length=100, blank=True)
    return_address = models.TextField(
        _("return address"),
        max_length=500,
        blank=True,
        help_text=_("As lines on a label."),
    )
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    website = models.URLField(
        _("web site"),
        blank=True,
        help_text=_("For example: https://www.example.com"),
    )
    slip_message = models.TextField(
        _("message on packing slips"),
        max_length=500,
        blank=True,
        help_text=_("For example: Thank you for your order."),
    )
    slip_shows_prices = models.BooleanField(
        _("show prices on packing slips"),
        default=False,
    )

    mail_customers = models.BooleanField(
        _("tell customers that their order has shipped"),
        default=False,
        help_text=_(
            "Off, because the marketplace gives no e-mail addresses and writes to the "
            "buyer itself. On: a mail goes where staff typed an address on the order."
        ),
    )
    language = models.CharField(
        _("language of the mails"),
        max_length=10,
        choices=languages.choices,
        default=languages.default,
        help_text=_(
            "Of the texts that come with the back office; your own stay as they are."
        ),
    )
    mail_subject = models.CharField(
        _("subject"),
        max_length=200,
        blank=True,
        help_text=_("Left empty, the text that comes with the back office."),
    )
    mail_body = models.TextField(
        _("text of the mail"),
        max_length=5000,
        blank=True,
        help_text=_("Left empty, the text that comes with the back office."),
    )
    # Shipments that were accepted earlier are not told of.
    mail_customers_since = models.DateTimeField(null=True, editable=False)

    # Where the shop is, if each of its marketplace has an address of its own; the
    # query is kept among the secrets.
    address = models.CharField(_("address"), max_length=500, blank=True, editable=False)
    # Recognises the account at that address; empty where its token alone does.
    account_digest = models.CharField(max_length=64, blank=True, editable=False)
    # What was chosen when the store was connected, and what the first calls taught.
    connection_settings = models.JSONField(default=dict, editable=False)
    # What this store's own words of status mean, in lower case, beside the known ones.
    status_words = models.JSONField(default=dict, editable=False)
    token_ciphertext = models.TextField(blank=True, editable=False)
    token_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    token_ending = models.CharField(
        _("access token ends in"), max_length=4, blank=True, editable=False
    )
    token_set_at = models.DateTimeField(
        _("access token set"), null=True, editable=False
    )
    connection = models.CharField(
        _("connection"),
        max_length=20,
        choices=Connection,
        default=Connection.CONNECTED,
        editable=False,
    )
    connection_error = SentenceField(_("connection error"), blank=True, editable=False)
    connection_error_facts = FactsField()
    refused_since = models.DateTimeField(_("refused since"), null=True, editable=False)
    last_import_attempt_at = models.DateTimeField(
        _("last import attempt"), null=True, editable=False
    )
    last_import_at = models.DateTimeField(
        _("last complete import"), null=True, editable=False
    )
    import_failures = models.PositiveIntegerField(default=0, editable=False)
    backoff_until = models.DateTimeField(null=True, editable=False)
    # What the zone doctor says of the stamps: another zone, or nothing.
    suspected_timezone = models.CharField(
        _("suspected time zone"), max_length=64, blank=True, editable=False
    )
    suspected_since = models.DateTimeField(
        _("suspected since"), null=True, editable=False
    )
    lease_owner = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    sending_owner = models.CharField(max_length=32, blank=True, editable=False)
    sending_until = models.DateTimeField(null=True, editable=False)
    carriers = models.JSONField(default=dict, editable=False)
    carriers_read_at = models.DateTimeField(null=True, editable=False)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["marketplace", "token_fingerprint"],
                condition=~models.Q(token_fingerprint=""),  # nosec B106 # an empty token is none
                name="stores_store_token_once_per_marketplace",
            ),
            models.UniqueConstraint(
                fields=["marketplace", "account_digest"],
                condition=~models.Q(account_digest=""),
                name="stores_store_account_once_per_marketplace",
            ),
            models.CheckConstraint(
                condition=models.Q(import_interval__gte=1),
                name="stores_store_interval_positive",
            ),
        ]
        permissions = [
            ("import_now", _("Can import orders now")),
            ("replace_token", _("Can replace the access token")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zones.Zone:
        return zones.Zone(self.timezone)

    def start_of(self, day: date) -> datetime:
        """Return when a day begins in the store's zone."""
        return datetime.combine(day, time.min, tzinfo=self.zone)

    @property
    def connector(self) -> type[Marketplace]:
        """What speaks to the store's marketplace, and reads what it says."""
        return MARKETPLACES[self.marketplace]

    @property
    def abilities(self) -> Abilities:
        """What the store's marketplace can do, connected as it is."""
        return self.connector.abilities(self.connection_settings)

    @property
    def is_opened_by_token(self) -> bool:
        """Whether an access token opens the store, and nothing else."""
        return wording.is_opened_by_token(self.marketplace)

    @property
    def account_words(self) -> wording.AccountWords:
        """How to speak of what opens the store."""
        return wording.account_words(self.marketplace)

    @property
    def words(self) -> dict[str, OrderStatus]:
        """What the marketplace's words of status mean at this store."""
        known = self.connector.status_words(self.connection_settings)
        own = {word: OrderStatus(name) for word, name in self.status_words.items()}
        return {**known, **own}

    @property
    def carrier_labels(self) -> dict[str, str]:
        """Accepted carriers, label to identifier; the shipped table until read."""
        return self.carriers or dict(self.connector.fallback_carriers)

    def find_carrier(self, name: str) -> str | None:
        """Return the accepted carrier that is meant, or None when unknown.

        Where the marketplace takes any, an unknown one is meant as it is written.

        It is meant by its label, by the marketplace's identifier, or by the name of a
        service that begins with the label of this one alone.
        """
        wanted = name.strip().casefold()
        for label in self.carrier_labels:
            if label.casefold() == wanted:
                return label
        words = _words(name)
        labels = {label: _words(label) for label in self.carrier_labels}
        # The labels first: two of them may share an identifier, as “china-post”.
        for label, own in labels.items():
            if own == words:
                return label
        for label, identifier in self.carrier_labels.items():
            if _words(identifier) == words:
                return label
        # As “USPS First Class” or, in tools, usps_first_class_mail.
        of_service = [one for one, own in labels.items() if own == words[: len(own)]]
        if len(of_service) == 1:
            return of_service[0]
        as_written = " ".join(name.split())
        if self.abilities.has_closed_carriers or len(as_written) > LONGEST_CARRIER:
            return None
        return as_written if as_written and as_written.isprintable() else None

    def account(self) -> Account:
        """Return what opens the store, or raise `TokenUnreadable`."""
        return accounts.unseal(
            self.marketplace,
            self.token_ciphertext,
            self.address,
            self.connection_settings,
        )

    def connect(self, **limits: float) -> Marketplace:
        """Return the store's marketplace, ready to call; `limits` are the client's.

        Raises `TokenUnreadable` when what opens it cannot be decrypted, and
        `MarketplaceUnavailable` while its address may not be asked.
        """
        return accounts.open_allowed(self.marketplace, self.account(), **limits)


def _words(name: str) -> list[str]:
    return re.sub(r"[_/()-]", " ", re.sub("[®™]", "", name.casefold())).split()


def stores_by_zone() -> dict[zones.Zone, list[int]]:
    """Return the stores' keys by the zone their days are cut in."""
    found: dict[zones.Zone, list[int]] = {}
    for pk, name in Store.objects.order_by("pk").values_list("pk", "timezone"):
        found.setdefault(zones.Zone(name), []).append(pk)
    return found
