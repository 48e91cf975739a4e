"""Carriers to choose from at shops that take any text: label and ShipStation's code.

The shops' plug-ins expect these codes, and show them to the buyer.
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
        "Globegistics Inc.": "Globegistics",
        "Asendia": "Asendia",
        "Other": "Other",
    }
)
