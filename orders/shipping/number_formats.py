"""What tracking numbers of a carrier look like, where that is public and stable.

Posts: the UPU's standard S10, two letters, nine digits and the country's two letters.
The others, and the posts' own parcels at home, as the carriers' public help describes
them: USPS "Where is my tracking number", UPS "Tracking number formats", FedEx "What a
tracking number looks like", DHL "Track by number", and the help of the national posts.
Check digits are left alone and rare formats let through, so that a doubt means
something; a carrier that is not here never raises one.
"""

import re

from orders.tracking_numbers import ZIP_CODE, tidied

S10 = r"[A-Z]{2}\d{9}[A-Z]{2}"
# A post that gives no more than the length: at least five of the characters are digits.
AT_HOME = r"(?=(?:.*\d){5})[A-Z0-9]"
USPS = rf"(?:{ZIP_CODE})?\d{{22}}|\d{{20,21}}|\d{{26}}|\d{{34}}|82\d{{8}}"
UPS = r"1Z[A-Z0-9]{16}|T\d{10}|\d{9}|\d{12}|\d{18}|\d{22}|\d{26}|MI\d{6}[A-Z0-9]{1,22}"
FEDEX = r"\d{12}|\d{14,15}|\d{20}|\d{22}|\d{34}|DT\d{12}|\d{4}[A-Z]\d{7}"
# Express waybills have ten digits; pieces and parcels a prefix of their own.
DHL = r"\d{10,11}|(?:JJ?D|JVGL|3S|GM|LX|RX|000)[A-Z0-9]{6,36}"

FORMATS = {
    "USPS": f"{USPS}|{S10}",
    "Asendia USA / USPS": f"{USPS}|{S10}|{AT_HOME}{{10,34}}",
    "UPS": UPS,
    "FedEx": FEDEX,
    "DHL": DHL,
    "DHL Hong Kong": DHL,
    "China Post": rf"{S10}|\d{{13}}",
    "China EMS": rf"{S10}|\d{{13}}",
    "EUB": rf"{S10}|\d{{13}}|{USPS}",
    "Hong Kong Post": rf"{S10}|\d{{13}}",
    "Japan Post": rf"{S10}|\d{{11,12}}",
    "Korea Post": rf"{S10}|\d{{13}}",
    "Taiwan Post": rf"{S10}|\d{{14}}|\d{{20}}",
    "India Post": S10,
    "Thailand Thai Post": S10,
    "Vietnam Post": S10,
    "Russian Post": rf"{S10}|\d{{14}}",
    "Ukraine Post": rf"{S10}|\d{{13}}",
    "Canada Post": rf"{S10}|\d{{12}}|\d{{16}}",
    "Australia Post": f"{S10}|{AT_HOME}{{10,39}}",
    "Royal Mail": f"{S10}|{AT_HOME}{{9,27}}",
    "Irish Post": S10,
    "German Post": rf"{S10}|[A-F0-9]{{20}}|\d{{12}}",
    "German Post DHL": rf"{S10}|{DHL}|\d{{12}}|\d{{14}}|\d{{16}}|\d{{20}}",
    "Swiss Post": rf"{S10}|\d{{18}}",
    "Netherlands Post": f"{S10}|3S[A-Z0-9]{{8,30}}",
}
_compiled = {
    label.casefold(): re.compile(pattern, re.ASCII)
    for label, pattern in FORMATS.items()
}


def as_sent(carrier: str, typed: str) -> str:
    """Return the number as it is stored and sent.

    Hyphens and dots stay, unless the carrier's numbers are known and have none.
    """
    number = tidied(typed)
    bare = re.sub("[-.]", "", number)
    return bare if _fits(carrier, bare) else number


def looks_right(carrier: str, number: str) -> bool:
    """Return False only where the number is clearly not one of the carrier's."""
    return _fits(carrier, as_sent(carrier, number)) is not False


def _fits(carrier: str, number: str) -> bool | None:
    """Return whether the number is like the carrier's, None where those vary."""
    pattern = _compiled.get(carrier.strip().casefold())
    return pattern and pattern.fullmatch(number.upper()) is not None
