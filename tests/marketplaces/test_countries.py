"""A country is known however a marketplace, or a person, writes its name."""

import iso3166
import pytest

from stores.marketplaces import countries
from stores.sandbox.tables import COUNTRY_CODES

# Of the names the marketplace was recorded with (API notes, 4.1), those that the ISO
# table spells otherwise.
OF_THE_MARKETPLACE = {
    "Aland Islands": "AX",
    "Bolivia": "BO",
    "Cape Verde": "CV",
    "Congo, The Democratic Republic Of The": "CD",
    "Czech Republic": "CZ",
    "Côte D'Ivoire": "CI",
    "Heard and McDonald Islands": "HM",
    "Holy See (Vatican City State)": "VA",
    "Iran, Islamic Republic Of": "IR",
    "Korea, Democratic People's Republic Of": "KP",
    "Macedonia, the Former Yugoslav Republic Of": "MK",
    "Micronesia, Federated States Of": "FM",
    "Nauru": "NR",
    "Palestinian Territory, Occupied": "PS",
    "Saint Helena": "SH",
    "Saint Kitts And Nevis": "KN",
    "Saint Martin": "MF",
    "Saint Pierre And Miquelon": "PM",
    "Saint Vincent And The Grenedines": "VC",
    "Sint Maarten": "SX",
    "Svalbard And Jan Mayen": "SJ",
    "Swaziland": "SZ",
    "Taiwan, Republic Of China": "TW",
    "Turkey": "TR",
    "United Kingdom": "GB",
    "United States": "US",
    "Vietnam": "VN",
}
ELSEWHERE = {
    "XI": "GB",
    "EL": "GR",
    "Republic of Kosovo": "XK",
    "Hong Kong SAR": "HK",
    "Hong Kong S.A.R., China": "HK",
    "UAE": "AE",
    "U.A.E.": "AE",
    "People's Republic of China": "CN",
    "China, People’s Republic of": "CN",
    "Republic of China": "TW",
    "Republic of Korea": "KR",
    "Korea (North)": "KP",
    "Democratic People’s Republic of Korea": "KP",
    "Democratic Republic of the Congo": "CD",
    "Republic of the Congo": "CG",
    "Federal Republic of Germany": "DE",
    "Kingdom of Saudi Arabia": "SA",
    "State of Israel": "IL",
    "Republic of Ireland": "IE",
    "Central African Republic": "CF",
    "Dominican Republic": "DO",
    "Dominica": "DM",
    "The Gambia": "GM",
    "Bahamas, The": "BS",
    "St. Lucia": "LC",
    "St.Kitts & Nevis": "KN",
    "U.S. Virgin Islands": "VI",
    "Virgin Islands (British)": "VG",
    "TÜRKIYE": "TR",
    "cote d´ivoire": "CI",
    "Bosnia-Herzegovina": "BA",
    "U.S.A.": "US",
    "the Netherlands.": "NL",
    "AND": "AD",
    "United Kingdom (UK)": "GB",
    "The United States of America [USA]": "US",
    "Czechia (Czech Republic)": "CZ",
    "DE - Germany": "DE",
    "Germany, DE": "DE",
    "Turkey/Türkiye": "TR",
}


@pytest.mark.parametrize(("written", "code"), (OF_THE_MARKETPLACE | ELSEWHERE).items())
def test_a_country_is_known_by_each_of_its_names(written, code):
    assert countries.alpha2(written) == code


def test_each_name_that_was_recorded_is_known_but_that_of_no_country_of_today():
    recorded = {
        name: iso3166.countries_by_alpha3[code].alpha2
        for name, code in COUNTRY_CODES.items()
        if name != "Netherlands Antilles"
    }

    assert len(recorded) == 248
    assert {name: countries.alpha2(name) for name in recorded} == recorded


@pytest.mark.parametrize("country", iso3166.countries, ids=lambda one: one.alpha2)
def test_a_country_of_the_table_is_known_however_it_is_written(country):
    code = country.alpha2
    written = [code, country.alpha3, country.name, countries.name(code)]
    written += [f"The {country.name}", country.name.upper(), f" {country.name}. "]

    assert {countries.alpha2(one) for one in written} == {code}


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "the", "Republic", "Republic of", "Netherlands Antilles", "Korean"),
        *("🇺🇸", "Georgia, US", "Saint Martin (Dutch)", "Atlantis (US)", "(,)"),
    ],
)
def test_what_is_no_country_is_none(word):
    assert countries.alpha2(word) == ""
