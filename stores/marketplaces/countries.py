"""Countries arrive as English names, alpha-3 or alpha-2; ours are alpha-2."""

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import iso3166

# Names that marketplaces use and the ISO table spells otherwise; how words are ordered,
# written and joined is all the same. EL and XI are Greece and Northern Ireland, as the
# European Union abbreviates them. The Republic of China is Taiwan: the other one is
# called the People's Republic. “Grenedines” is how the marketplace itself spells them.
_names = Path(__file__).with_name("country_names.json")
ALIASES: dict[str, str] = json.loads(_names.read_text(encoding="utf-8"))
# Names of the ISO table that nobody writes on a parcel.
ON_PARCELS = {
    "GB": "United Kingdom",
    "KP": "North Korea",
    "KR": "South Korea",
    "NR": "Nauru",
}
SMALL_WORDS = {"and", "of", "the"}
# What a country calls itself in full, beside the name it goes by.
FORMS = {
    "commonwealth",
    "democratic",
    "federal",
    "islamic",
    "kingdom",
    "peoples",
    "principality",
    "republic",
    "sar",
    "socialist",
    "state",
    "sultanate",
}
# What stands between two names of one country.
BETWEEN = re.compile(r"[()\[\]/|,;:]|\s[-–—]\s")

Words = frozenset[str]


def _words(name: str) -> Words:
    """Return the words of a name, so that all spellings of it meet."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    # U.S.A. and People's are one word each.
    joined = re.sub(r"\b(\w)\.|['’`´]", r"\1", letters).replace("&", " and ")
    found = re.findall(r"[^\W_]+", joined)
    words = frozenset("saint" if one == "st" else one for one in found)
    # AND is Andorra.
    return words - SMALL_WORDS or words


def _table() -> dict[Words, str]:
    table = {}
    for country in iso3166.countries:
        codes = (country.alpha2, country.alpha3)
        for name in (country.name, country.apolitical_name, *codes):
            table[_words(name)] = country.alpha2
    return table | {_words(name): code for name, code in ALIASES.items()}


_COUNTRIES = _table()


@lru_cache(maxsize=1000)
def alpha2(country: str) -> str:
    """Return the ISO 3166-1 alpha-2 code, or an empty text when it is not known."""
    if code := _code_of(country):
        return code
    # Czechia (Czech Republic), DE - Germany: several names of the same one.
    names = [one for one in BETWEEN.split(country) if _words(one)]
    codes = {_code_of(one) for one in names}
    return codes.pop() if len(codes) == 1 else ""


def _code_of(name: str) -> str:
    words = _words(name)
    return _COUNTRIES.get(words) or _COUNTRIES.get(words - FORMS, "")


def name(code: str) -> str:
    """Return the English name of an alpha-2 code, or the code when it is not known."""
    country = iso3166.countries_by_alpha2.get(code)
    return ON_PARCELS.get(code) or (country.apolitical_name if country else code)
