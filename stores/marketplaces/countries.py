"""Countries arrive as English names, alpha-3 or alpha-2; ours are alpha-2."""

import unicodedata

import iso3166

# Names that marketplaces use and the ISO table spells otherwise.
ALIASES = {
    "BOLIVIA": "BO",
    "BRITISH VIRGIN ISLANDS": "VG",
    "BRUNEI": "BN",
    "CAPE VERDE": "CV",
    "COTE D'IVOIRE": "CI",
    "CZECH REPUBLIC": "CZ",
    "EAST TIMOR": "TL",
    "ENGLAND": "GB",
    "GREAT BRITAIN": "GB",
    "HONG KONG": "HK",
    "IRAN": "IR",
    "IVORY COAST": "CI",
    "KOREA": "KR",
    "KOREA, REPUBLIC OF": "KR",
    "KOSOVO": "XK",
    "LAOS": "LA",
    "MACAU": "MO",
    "MACEDONIA": "MK",
    "MICRONESIA": "FM",
    "MOLDOVA": "MD",
    "NETHERLANDS": "NL",
    "NORTHERN IRELAND": "GB",
    "PALESTINE": "PS",
    "RUSSIA": "RU",
    "SCOTLAND": "GB",
    "SOUTH KOREA": "KR",
    "ST. LUCIA": "LC",
    "SWAZILAND": "SZ",
    "SYRIA": "SY",
    "TAIWAN": "TW",
    "TAIWAN, REPUBLIC OF CHINA": "TW",
    "TANZANIA": "TZ",
    "THE NETHERLANDS": "NL",
    "TURKEY": "TR",
    "TURKIYE": "TR",
    "U.K.": "GB",
    "U.S.": "US",
    "U.S.A.": "US",
    "UK": "GB",
    "UNITED KINGDOM": "GB",
    "UNITED STATES": "US",
    "UNITED STATES OF AMERICA": "US",
    "US VIRGIN ISLANDS": "VI",
    "VATICAN CITY": "VA",
    "VENEZUELA": "VE",
    "VIETNAM": "VN",
    "VIRGIN ISLANDS, BRITISH": "VG",
    "VIRGIN ISLANDS, U.S.": "VI",
    "WALES": "GB",
}
# Names of the ISO table that nobody writes on a parcel.
ON_PARCELS = {"GB": "United Kingdom", "KR": "South Korea", "KP": "North Korea"}


def _plain(name: str) -> str:
    """Upper-case without accents, so that spellings of one name meet."""
    decomposed = unicodedata.normalize("NFKD", name.replace("’", "'"))
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(letters).upper().split())


def _table() -> dict[str, str]:
    table = {}
    for country in iso3166.countries:
        for key in (country.name, country.apolitical_name, country.alpha3):
            table[_plain(key)] = country.alpha2
        table[country.alpha2] = country.alpha2
    return table | ALIASES


_COUNTRIES = _table()


def alpha2(country: str) -> str:
    """Return the ISO 3166-1 alpha-2 code, or an empty text when it is not known."""
    return _COUNTRIES.get(_plain(country), "")


def name(code: str) -> str:
    """Return the English name of an alpha-2 code, or the code when it is not known."""
    country = iso3166.countries_by_alpha2.get(code)
    return ON_PARCELS.get(code) or (country.apolitical_name if country else code)
