"""Carriers to choose from; the shop takes any text, and shows it to the buyer.

The names are those of ShipStation's codes, which the plug-in expects, with what they
are called by people.
"""

from types import MappingProxyType

CARRIERS = MappingProxyType(
    {
        "USPS": "USPS",
        "UPS": "UPS",
        "FedEx": "FedEx",
        "DHL": "DHL",
        "DHL eCommerce": "DHLGlobalMail",
        "UPS Mail Innovations": "UPSMI",
        "OnTrac": "OnTrac",
        "Canada Post": "CanadaPost",
        "Royal Mail": "RoyalMail",
        "APC": "APC",
        "FirstMile": "FirstMile",
        "Newgistics": "Newgistics",
        "Globegistics": "Globegistics",
        "Asendia": "Asendia",
        "Other": "Other",
    }
)
