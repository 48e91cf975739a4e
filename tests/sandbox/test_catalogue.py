"""The practice marketplace has products, variations and metadata."""

import pytest

from stores.sandbox.server import Sandbox
from tests.support.vendor import ROOT, get, send

METADATA = [
    "categories",
    "conditions",
    "sizes",
    "colors",
    "materials",
    "brands",
    "countries",
    "country_codes",
    "states",
    "provinces",
    "territories",
    "carriers",
]


@pytest.fixture
def catalogue(tophatter) -> Sandbox:
    """Orders of three variations of a headset, and of a mug that has none."""
    for color in ("BLACK", "RED", "BLACK"):
        tophatter.add_order(variation_identifier=f"EX-HEADSET-{color}")
    tophatter.add_order(
        product_identifier="A-MUG", product_name="Mug", variation_identifier=None
    )
    return tophatter


def test_products_are_a_bare_array(catalogue):
    answer = get(catalogue, "products.json")

    mug, headset = answer.json
    assert (mug["identifier"], mug["title"], mug["variations"]) == ("A-MUG", "Mug", [])
    variations = [one["identifier"] for one in headset["variations"]]
    assert variations == ["EX-HEADSET-BLACK", "EX-HEADSET-RED"]


def test_products_come_wrapped_when_pagination_is_asked_for(catalogue):
    answer = get(catalogue, "products.json", pagination=1, page=2, per_page=1)

    wrapping = answer.json
    (headset,) = wrapping.pop("results")
    assert headset["identifier"] == "EX-HEADSET"
    assert wrapping == {
        "from": 2,
        "to": 2,
        "page": 2,
        "per_page": 1,
        "total_entries": 2,
    }


@pytest.mark.parametrize(
    ("parameters", "identifiers"),
    [
        ({"sort": "unique_id_descending"}, ["EX-HEADSET", "A-MUG"]),
        ({"status": "in_stock"}, ["A-MUG", "EX-HEADSET"]),
        ({"status": "sold_out"}, []),
        ({"category": "Apparel"}, []),
        ({"page": 2}, []),
    ],
)
def test_products_are_sorted_filtered_and_paged(catalogue, parameters, identifiers):
    answer = get(catalogue, "products.json", **parameters)

    assert [product["identifier"] for product in answer.json] == identifiers


@pytest.mark.parametrize("parameters", [{"status": "old"}, {"sort": "price"}])
def test_a_product_list_of_unknown_form_is_refused(catalogue, parameters):
    answer = get(catalogue, "products.json", **parameters)

    assert answer.status == 400
    assert next(iter(parameters)) in answer.message


def test_products_are_found_by_their_title(catalogue):
    answer = get(catalogue, "products/search.json", query="head")

    assert [product["identifier"] for product in answer.json] == ["EX-HEADSET"]


def test_a_product_and_a_variation_are_retrieved_by_identifier(catalogue):
    product = get(catalogue, "products/retrieve.json", identifier="EX-HEADSET").json
    variation = get(
        catalogue, "variations/retrieve.json", identifier="EX-HEADSET-RED"
    ).json

    assert product["title"] == "Example Headset"
    assert variation["product_identifier"] == "EX-HEADSET"
    assert variation["product_internal_id"] == product["internal_id"]
    assert variation in [
        {
            "product_identifier": "EX-HEADSET",
            "product_internal_id": product["internal_id"],
            **one,
        }
        for one in product["variations"]
    ]


@pytest.mark.parametrize("kind", ["product", "variation"])
def test_an_unknown_identifier_is_said_in_the_documented_words(catalogue, kind):
    answer = get(catalogue, f"{kind}s/retrieve.json", identifier="6631A")

    assert answer.status == 404
    assert answer.message == f"There is no {kind} with the unique ID 6631A."


def test_the_metadata_has_every_list_under_its_own_path(tophatter):
    everything = get(tophatter, "metadata.json").json

    lists = {name: get(tophatter, f"metadata/{name}.json").json for name in everything}
    assert list(everything) == METADATA
    assert lists == everything


@pytest.mark.parametrize(
    ("name", "kind", "length"),
    [
        ("conditions", list, 10),
        ("colors", list, 14),
        ("states", dict, 60),
        ("provinces", dict, 13),
        ("territories", dict, 8),
        ("carriers", dict, 58),
        ("brands", dict, 0),
    ],
)
def test_a_list_is_as_long_as_the_recorded_one(tophatter, name, kind, length):
    answer = get(tophatter, f"metadata/{name}.json")

    assert isinstance(answer.json, kind)
    assert len(answer.json) == length


def test_countries_are_names_and_their_codes_have_three_letters(tophatter):
    names = get(tophatter, "metadata/countries.json").json
    codes = get(tophatter, "metadata/country_codes.json").json

    assert names[:4] == ["United States", "Canada", "United Kingdom", "Afghanistan"]
    assert len(names) == 249
    assert set(codes) == set(names)
    assert codes["Korea, Republic of"] == "KOR"


def test_states_are_codes_by_name(tophatter):
    states = get(tophatter, "metadata/states.json").json

    assert states["California"] == "CA"
    assert {"AA", "AE", "AP", "DC", "PR", "VI"} < set(states.values())


@pytest.mark.parametrize("token", ["", "0" * 32])
@pytest.mark.parametrize("path", ["metadata", "metadata/carriers", "metadata/states"])
def test_metadata_need_no_token(tophatter, path, token):
    assert get(tophatter, path, access_token=token).status == 200


def test_metadata_hold_what_the_vendors_own_client_looks_for(tophatter):
    metadata = get(tophatter, "metadata.json", access_token="").json

    assert "Apparel | Swim | Tops" in metadata["categories"]
    assert "Star Ruby" in metadata["materials"]["Gemstones"]
    assert "Small" in metadata["sizes"]["Accessories"]
    assert metadata["country_codes"]["United States"] == "USA"
    assert metadata["territories"]["New South Wales"] == "NSW"


def test_the_regions_have_the_recorded_names(tophatter):
    states = get(tophatter, "metadata/states").json
    provinces = get(tophatter, "metadata/provinces").json

    assert (len(states), len(provinces)) == (60, 13)
    assert states["Armed Forces Americas (except Canada)"] == "AA"
    assert states["Armed Forces Africa, Canada, Europe, Middle East"] == "AE"
    assert provinces["Yukon Territory"] == "YT"


@pytest.mark.parametrize(
    ("path", "count", "names"),
    [
        (
            "orders/schema.json",
            22,
            {
                "order_id": "Order ID",
                "address1": "Address Line #1",
                "seller_fees": "Fees Breakdown",
            },
        ),
        (
            "products/schema.json",
            39,
            {"identifier": "Unique ID", "days_to_fulfill": "Days To Process Order"},
        ),
        ("variations/schema.json", 8, {"identifier": "Variation Unique ID (SKU)"}),
    ],
)
def test_a_schema_has_the_recorded_names(tophatter, path, count, names):
    fields = {
        one["field"]: one["name"] for one in get(tophatter, path, access_token="").json
    }

    assert len(fields) == count
    assert names.items() <= fields.items()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "products.json"),
        ("POST", "products/update.json"),
        ("POST", "products/disable.json"),
        ("POST", "products/enable.json"),
        ("POST", "products/delete.json"),
        ("POST", "products/upload.json"),
        ("POST", "variations.json"),
        ("POST", "variations/update.json"),
        ("GET", "products/nothing.json"),
        ("GET", "campaigns.json"),
    ],
)
def test_a_call_that_is_not_practised_is_refused_in_json(tophatter, method, path):
    answer = send(tophatter, method, ROOT + path, f"access_token={tophatter.token}")

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.message
