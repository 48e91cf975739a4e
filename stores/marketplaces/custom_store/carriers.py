"""The codes of carriers that the convention names: suggestions, for any text goes."""

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
