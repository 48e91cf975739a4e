"""A ship-to address, as the columns of whatever has one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

SHIP_TO = (
    "ship_to_name",
    "ship_to_company",
    "ship_to_address1",
    "ship_to_address2",
    "ship_to_city",
    "ship_to_state",
    "ship_to_postal_code",
    "ship_to_country",
)


class ShipTo(models.Model):
    """A ship-to address, as the marketplace gives it or as staff corrected it."""

    ship_to_name = models.CharField(_("name"), max_length=200, blank=True)
    ship_to_company = models.CharField(
        _("company"), max_length=200, blank=True, default="", db_default=""
    )
    ship_to_address1 = models.CharField(_("address"), max_length=200, blank=True)
    ship_to_address2 = models.CharField(_("address line 2"), max_length=200, blank=True)
    ship_to_city = models.CharField(_("city"), max_length=100, blank=True)
    ship_to_state = models.CharField(_("state or province"), max_length=100, blank=True)
    ship_to_postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    ship_to_country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        abstract = True

    @property
    def address(self) -> str:
        """The ship-to address as lines on a label."""
        place = [self.ship_to_city, self.ship_to_state, self.ship_to_postal_code]
        lines = [
            self.ship_to_name,
            self.ship_to_company,
            self.ship_to_address1,
            self.ship_to_address2,
            " ".join(filter(None, place)),
            self.country,
        ]
        return "\n".join(filter(None, lines))

    @property
    def country(self) -> str:
        """The country's code, or what stands on the parcel for want of one."""
        return self.ship_to_country
