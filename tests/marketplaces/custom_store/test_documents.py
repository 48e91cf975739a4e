"""A page of orders is read however broken some of it is, and costs nobody else."""

import json
import time
from contextlib import suppress

import pytest

from stores.marketplaces.base import UnreadableOrder
from stores.marketplaces.custom_store.documents import NoDocument, read_document
from stores.marketplaces.custom_store.parsing import shop_order_id
from tests.support.custom_stores import item_xml, items_xml, order_xml, orders_xml

CONTROL = "<CustomField1>ring\x0bbell</CustomField1>"


def numbers(content: bytes) -> list[str]:
    """Return the IDs on a page, “broken” for those that cannot be read."""
    found = []
    for raw in read_document(content).orders:
        try:
            found.append(shop_order_id(raw))
        except UnreadableOrder:
            found.append("broken")
    return found


def test_elements_become_texts_objects_and_lists():
    option = "<Options><Option><Name>Size</Name><Value>L</Value></Option></Options>"
    inner = items_xml(item_xml(SKU="A"), f"<Item><SKU>B</SKU>{option}</Item>")
    content = orders_xml(
        f"<Order><OrderID>1</OrderID><Odd><In>x</In></Odd>{inner}</Order>"
    )

    [raw] = read_document(content).orders

    assert raw == {
        "OrderID": "1",
        "Odd": {"In": "x"},
        "Items": [
            {"SKU": "A", "Name": "Mug", "Quantity": "2", "UnitPrice": "5.00"},
            {"SKU": "B", "Options": [{"Name": "Size", "Value": "L"}]},
        ],
    }
    assert json.loads(raw.text) == raw


def test_nothing_of_an_element_is_lost():
    [raw] = read_document(
        orders_xml("<Order>a<B>1</B>c<B>2</B><Items/><Options> </Options>d</Order>")
    ).orders

    assert raw == {
        "#text": ["a", "c", "d"],
        "B": ["1", "2"],
        "Items": [],
        "Options": [],
    }


def test_what_changes_by_itself_is_not_in_what_lasts():
    first, second = (
        read_document(orders_xml(order_xml(LastModified=f"12/08/2025 22:0{n}"))).orders[
            0
        ]
        for n in (1, 2)
    )

    assert first.text != second.text
    assert first.lasting == second.lasting
    assert "LastModified" not in first.lasting
    assert "OrderDate" in first.lasting


@pytest.mark.parametrize(
    ("attributes", "pages"),
    [(' page="2" pages="3"', 3), (' pages="0"', 0), ("", None), (' pages="x"', None)],
)
def test_the_number_of_pages_is_said_or_not(attributes, pages):
    assert read_document(orders_xml(attributes=attributes)).pages == pages


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0" encoding="utf-16"?>',
        '\n \r\n<?xml version="1.0"?>',
        '<br />\n<b>Notice</b>: Undefined index<br />\n<?xml version="1.0"?>',
        "Warning: mkdir() ",
        "\ufeff",
    ],
)
def test_a_wrong_declaration_or_words_before_it_do_no_harm(head):
    content = head.encode() + orders_xml(order_xml(CustomerNotes="Grüße ☃ 😀"))

    [raw] = read_document(content).orders

    assert raw["CustomerNotes"] == "Grüße ☃ 😀"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16"])
def test_other_encodings_are_read_as_they_are_declared(encoding):
    text = orders_xml(order_xml(CustomerNotes="Grüße")).decode()
    content = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)

    [raw] = read_document(content).orders

    assert raw["CustomerNotes"] == "Grüße"


def test_an_old_encoding_is_believed_for_a_page_that_is_broken_otherwise():
    text = orders_xml(order_xml(CustomerNotes="Grüße\x0b")).decode()
    content = f'<?xml version="1.0" encoding="windows-1252"?>{text}'.encode("cp1252")

    [raw] = read_document(content).orders

    assert raw["CustomerNotes"] == "Grüße"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"ring\x0bbell", "ringbell"),
        (b"salt & pepper", "salt & pepper"),
        (b"salt &amp; pepper & more", "salt & pepper & more"),
        (b"a&nbsp;b", "a&nbsp;b"),
        (b"nul&#0;l &#x1f; &#233;", "null  é"),
        (b"<![CDATA[salt & pepper\x01 &amp; more]]>", "salt & pepper &amp; more"),
        (b"caf\xc3", "caf\ufffd"),
        (b"<![CDATA[M\xfcller]]>", "M\ufffdller"),
    ],
)
def test_what_no_xml_may_hold_costs_no_order(written, read):
    content = orders_xml(order_xml(CustomerNotes="@"), order_xml(OrderID="2"))

    broken, sound = read_document(content.replace(b"@", written)).orders

    assert broken["CustomerNotes"] == read
    assert shop_order_id(sound) == "2"


@pytest.mark.parametrize(
    "inner", ["<Open>", "</Close>", "a < b", "<a b=c/>", "]]>", "<a><b></a></b>"]
)
def test_one_broken_order_costs_one_order(inner):
    content = orders_xml(
        *(order_xml(OrderID=str(n), inner=inner if n == 2 else "") for n in (1, 2, 3)),
        attributes=' page="1" pages="7"',
    )

    assert numbers(content) == ["1", "broken", "3"]
    assert read_document(content).pages == 7


def test_a_broken_order_says_why_and_what_it_may_be():
    raw = read_document(orders_xml(order_xml(inner="<Open>"))).orders[0]

    with pytest.raises(
        UnreadableOrder, match=r"mismatched tag.*may be ABC-1\."
    ) as caught:
        shop_order_id(raw)

    assert caught.value.order_id == ""
    assert "<Open>" in json.loads(raw.text)["#xml"]


def test_an_order_without_its_end_costs_itself():
    unfinished = order_xml(OrderID="2").removesuffix("</Order>")

    assert numbers(orders_xml(order_xml(), unfinished, order_xml(OrderID="3"))) == [
        "1",
        "broken",
        "3",
    ]
    assert numbers(orders_xml(order_xml(), unfinished)) == ["1", "broken"]


def test_a_buyer_cannot_write_an_order_into_a_note():
    """A page that is broken is cut where orders end, but not inside of their texts."""
    forged = order_xml(OrderID="42").replace("]]>", "")
    note = f"<![CDATA[\x01</Order>{forged}</Orders>]]>"
    content = orders_xml(
        order_xml(CustomerNotes=note), order_xml(OrderID="2", inner="<Open>")
    )

    assert numbers(content) == ["1", "broken"]


@pytest.mark.parametrize("inner", ["", CONTROL, "<Open>"])
def test_a_list_that_breaks_off_is_no_list(inner):
    """What follows is missing, which would be taken for its end."""
    content = orders_xml(order_xml(inner=inner), order_xml(OrderID="2"))

    with pytest.raises(NoDocument, match="breaks off"):
        read_document(content.removesuffix(b"</Orders>"))


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Orders>",
        '<!DOCTYPE Orders [<!ENTITY a "boom">]>',
        '<!DOCTYPE Orders SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE Orders [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '\n<!DOCTYPE Orders [<!ENTITY % a SYSTEM "http://127.0.0.1:9/"> %a;]>',
    ],
)
@pytest.mark.parametrize("inner", ["&a;", f"&a;{CONTROL}", "&a;<Open>"])
def test_a_doctype_is_refused(doctype, inner):
    content = doctype.encode() + orders_xml(order_xml(CustomerNotes=inner))

    with pytest.raises(NoDocument, match="DOCTYPE"):
        read_document(content)


def test_a_buyer_may_write_of_a_doctype():
    note = "<![CDATA[<!DOCTYPE html> <!ENTITY a 'b'> &a;]]>"

    [raw] = read_document(orders_xml(order_xml(CustomerNotes=note))).orders

    assert raw["CustomerNotes"] == "<!DOCTYPE html> <!ENTITY a 'b'> &a;"


def test_depth_and_number_of_elements_are_bounded():
    deep = "<a>" * 5000 + "</a>" * 5000
    many = b"<Orders>" + b"<a/>" * 600_000 + b"</Orders>"

    for content in (orders_xml(deep), many):
        with pytest.raises(NoDocument, match="too deep or too large"):
            read_document(content)


@pytest.mark.parametrize("many", ["<Order/>", "<Order long:a=''/>"])
def test_a_long_namespace_is_not_repeated_in_each_name(many):
    long = "u" * 2_000_000
    spaces = f" xmlns='{long}'" if many == "<Order/>" else f" xmlns:long='{long}'"

    with pytest.raises(NoDocument, match="too deep or too large"):
        read_document(f"<Orders{spaces}>{many * 1000}</Orders>".encode())


@pytest.mark.parametrize(
    "content",
    [
        b"<![CDATA[" * 200_000,
        b"<Orders>" + b"<![CDATA[" * 200_000,
        b"<Orders>" + b"<Order " * 200_000,
        b"<Orders>\x01" + b"</Order" + b" " * 1_000_000,
        b"<Orders>\x01" + b"<Order><a>" * 90_000 + b"</Orders>",
        b"<" * 1_000_000,
        b"&" * 1_000_000 + b"</Orders>",
        b"<a " * 300_000,
        b'<?xml version="1.0" encoding="punycode"?>' + b"\xff-" * 50_000,
        orders_xml(
            "<Order>" + "".join(f"<a{n}/>" for n in range(90_000)) + "<a0/></Order>"
        ),
    ],
    ids=range(10),
)
def test_no_text_takes_long_to_be_refused(content):
    started = time.process_time()

    with suppress(NoDocument):
        read_document(content)

    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"nonsense", b"\xff\xfe", b"{}", b"\x00"]
)
def test_what_is_no_xml_is_said_to_be_none(content):
    with pytest.raises(NoDocument, match="unreadable XML"):
        read_document(content)


def test_the_name_of_the_root_is_said_without_its_namespace():
    document = read_document(
        b'<Orders xmlns="urn:x" pages="1"><Order><OrderID>1</OrderID></Order></Orders>'
    )

    assert (document.root, document.pages) == ("Orders", 1)
    assert document.orders == [{"OrderID": "1"}]
    assert read_document(b"<date>date required</date>").text == "date required"
