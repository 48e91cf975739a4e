"""Which of a product's addresses is a picture to show, and which is none."""

import pytest

from stores.marketplaces.values import web_address
from stores.sandbox.drawings import draw
from stores.sandbox.seed import seed
from stores.sandbox.tables import PRODUCTS
from tests.support.connector_calls import PRODUCT, connect, serve_product
from tests.support.vendor import send

PLACE = "https://images.example.com/0e98"
REAL = "https://tophatter.com/merchant_api/v1"


@pytest.mark.parametrize(
    ("product", "url"),
    [
        (
            {
                "primary_image": f"{PLACE}/original.jpg",
                "all_images": [
                    {
                        "thumbnail": f"{PLACE}/thumbnail.jpg",
                        "square": f"{PLACE}/square.jpg",
                        "medium": f"{PLACE}/medium.jpg",
                        "large": f"{PLACE}/large.jpg",
                        "original": f"{PLACE}/original.jpg",
                    },
                    {"square": f"{PLACE}/other.jpg"},
                ],
            },
            f"{PLACE}/square.jpg",
        ),
        (
            {"all_images": [{"square": None, "medium": f"{PLACE}/medium.jpg"}]},
            f"{PLACE}/medium.jpg",
        ),
        (
            {"all_images": [{"thumbnail": f"{PLACE}/thumbnail.jpg", "square": 7}]},
            f"{PLACE}/thumbnail.jpg",
        ),
        (
            {
                "primary_image": f"{PLACE}/original.jpg",
                "all_images": [{"square": "javascript:alert(1)"}],
            },
            f"{PLACE}/original.jpg",
        ),
        (
            {"primary_image": f"{PLACE}/original.jpg", "all_images": []},
            f"{PLACE}/original.jpg",
        ),
        (
            {"primary_image": f"{PLACE}/original.jpg", "all_images": {"0": {}}},
            f"{PLACE}/original.jpg",
        ),
        (
            {"primary_image": f"{PLACE}/original.jpg", "all_images": ["square"]},
            f"{PLACE}/original.jpg",
        ),
        ({"primary_image": None, "all_images": None}, ""),
        ({"primary_image": ["https://images.example.com/"]}, ""),
        ({}, ""),
    ],
)
def test_the_smallest_fitting_picture_is_taken(tophatter, product, url):
    serve_product(tophatter, **product)

    assert connect(tophatter).picture_url(PRODUCT) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "//images.example.com/1.jpg",
        "/1.jpg",
        "ftp://images.example.com/1.jpg",
        "http://images.example.com/1.jpg",
        "http://127.0.0.1.example.com/1.jpg",
        "http://192.168.0.1/reboot",
        "https://192.168.0.1/reboot",
        "https://printer.local/1.jpg",
        "https://0x7f.1/1.jpg",
        "https://router/1.jpg",
        "https:///1.jpg",
        "https://",
        "https://user:password@images.example.com/1.jpg",
        "https://@images.example.com/1.jpg",
        "https://images.example.com:port/1.jpg",
        "https://[images.example.com/1.jpg",
        'https://images.example.com/1.jpg" onerror="alert(1)',
        "https://images.example.com/1.jpg'onerror='alert(1)",
        "https://images.example.com/<script>",
        "https://images.example.com/1.jpg ",
        " https://images.example.com/1.jpg",
        "https://images.example.com/1\n.jpg",
        "https://images.example.com/1.jpg\n",
        "https://images.example.com/1\0.jpg",
        "https://images.example.com/\u202e1.jpg",
        "https://images.example.com\\@example.com/1.jpg",
        "https://images.example.com/\ud800.jpg",
        "https://images.example.com/" + "1" * 500,
    ],
)
def test_an_address_that_is_not_plain_https_is_no_picture(tophatter, url):
    serve_product(tophatter, primary_image=url, all_images=[{"square": url}])

    assert connect(tophatter).picture_url(PRODUCT) == ""


def test_an_address_as_long_as_the_limit_is_kept_whole(tophatter):
    url = "https://images.example.com/".ljust(500, "1")
    serve_product(tophatter, primary_image=url)

    assert connect(tophatter).picture_url(PRODUCT) == url


def test_only_a_marketplace_on_this_computer_shows_pictures_from_it():
    url = "http://127.0.0.1:8700/pictures/MUG-01/square.svg"

    assert web_address(url, "http://127.0.0.1:8700/merchant_api/v1") == url
    assert web_address(url, REAL) == ""


def test_every_product_of_the_practice_has_a_picture_that_loads(tophatter):
    seed(tophatter, 60)
    connector = connect(tophatter)

    for _, product, _, _ in PRODUCTS:
        url = connector.picture_url(product)
        answer = send(tophatter, "GET", url.partition(str(tophatter.port))[2])
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "image/svg+xml"
        assert answer.text.startswith("<svg ")


def test_a_practice_picture_holds_nothing_of_its_address():
    drawing = draw("/pictures/%3Cscript%3E-%26%00-%22/square.svg")

    assert "script" not in drawing
    assert "&" not in drawing
    assert "\0" not in drawing
