"""Tracking files in the admin: upload, look at each line, take, get refused ones."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone as clock

from orders.models import Shipment, TrackingFile
from tests.factories import OrderFactory
from tests.support.forms import filled_in
from tests.support.order_pages import NUMBER, page, staff
from tests.support.tracking_files import as_file, stored

LIST = "admin:orders_trackingfile_changelist"
UPLOAD = "admin:orders_trackingfile_upload"


def upload(client, data: bytes, name="carrier.csv", **fields):
    file = SimpleUploadedFile(name, data)
    return client.post(reverse(UPLOAD), {"file": file, "carrier": "", **fields})


def step(file, name: str) -> str:
    return reverse(f"admin:orders_trackingfile_{name}", args=[file.pk])


def test_a_file_is_uploaded_looked_at_and_taken(admin_client):
    order = OrderFactory()
    data = as_file([str(order), NUMBER, "OnTrac"], ["<b>404</b>", "A12345", "OnTrac"])

    answer = upload(admin_client, data)
    file = TrackingFile.objects.get()
    preview = admin_client.get(page(file)).content.decode()
    taken = admin_client.post(step(file, "take"), follow=True).content.decode()
    refused = admin_client.get(step(file, "refused"))

    assert answer.url == page(file)
    assert f"Ships with OnTrac {NUMBER}." in preview
    assert "Take 1 line" in preview
    assert "&lt;b&gt;404&lt;/b&gt;" in preview
    assert "<b>404</b>" not in preview
    assert "1 line is taken." in taken
    assert "Take 1 line" not in taken
    assert page(order) in taken
    assert order.shipments.get().tracking_number == NUMBER
    assert b"There is no order" in b"".join(refused.streaming_content)
    listed = admin_client.get(reverse(LIST)).content.decode()
    assert "Refused: 1, Shipped: 1" in listed


def test_a_wrong_file_is_said_beside_its_field(admin_client):
    answer = upload(admin_client, b"Order\n")

    assert "has no lines" in answer.content.decode()
    assert not TrackingFile.objects.exists()


def test_other_columns_judge_the_lines_again(admin_client):
    order = OrderFactory()
    upload(admin_client, as_file(["A12345", str(order)], header=["Number", "Client"]))
    file = TrackingFile.objects.get()

    before = admin_client.get(page(file)).content.decode()
    twice = admin_client.post(
        step(file, "columns"), {"order": "1", "tracking_number": "1"}
    ).content.decode()
    answer = admin_client.post(
        step(file, "columns"),
        {"order": "1", "tracking_number": "0", "default_carrier": "TNT"},
        follow=True,
    )

    assert "Choose the column that holds" in before
    assert "holds one thing only" in twice
    assert "Ships with TNT A12345." in answer.content.decode()


def test_one_carrier_is_chosen_for_all_lines(admin_client):
    order = OrderFactory()
    upload(admin_client, as_file([str(order), NUMBER, "stamps"]))
    file = TrackingFile.objects.get()
    chosen = {"order": "0", "tracking_number": "1", "carrier": "2"}

    answer = admin_client.post(
        step(file, "columns"),
        chosen | {"default_carrier": "USPS", "is_carrier_for_all": "on"},
        follow=True,
    )

    assert f"Ships with USPS {NUMBER}." in answer.content.decode()


def without_carriers(admin_client) -> TrackingFile:
    """A file whose lines go with USPS, as whoever uploaded it chose."""
    orders = OrderFactory.create_batch(2)
    rows = [[str(one), f"9400111899{one.pk:012}"] for one in orders]
    upload(admin_client, as_file(*rows, header=["Order", "Tracking"]), carrier="USPS")
    return TrackingFile.objects.get()


def test_a_carrier_chosen_beside_take_stops_it_and_counts(admin_client):
    file = without_carriers(admin_client)
    shown = admin_client.get(page(file)).text

    asked = admin_client.post(
        step(file, "take"),
        filled_in(shown, default_carrier="OnTrac") | {"left_out": ["2"]},
        follow=True,
    )
    nothing_yet = not Shipment.objects.exists()
    admin_client.post(step(file, "take"), filled_in(asked.text))

    assert nothing_yet
    assert "columns or their carrier changed: look at the lines" in asked.text
    assert "Ships with OnTrac" in asked.text
    assert "Take 1 line" in asked.text
    assert list(Shipment.objects.values_list("carrier", flat=True)) == ["OnTrac"]


@pytest.mark.parametrize(
    "typed", [{"is_carrier_for_all": "on"}, {"tracking_number": "0", "order": "1"}]
)
def test_other_choices_beside_take_stop_it_too(admin_client, typed):
    file = without_carriers(admin_client)
    shown = admin_client.get(page(file)).text

    admin_client.post(step(file, "take"), filled_in(shown, **typed))

    assert TrackingFile.objects.get().taken_at is None
    assert TrackingFile.objects.get().reading != file.reading


def test_a_wrong_choice_beside_take_is_said_and_takes_nothing(admin_client):
    file = without_carriers(admin_client)
    shown = admin_client.get(page(file)).text

    answer = admin_client.post(step(file, "take"), filled_in(shown, order="1"))

    assert "A column holds one thing only." in answer.text
    assert TrackingFile.objects.get().reading == file.reading
    assert not Shipment.objects.exists()


def test_a_carrier_chosen_beside_a_filter_counts(admin_client):
    file = without_carriers(admin_client)
    shown = admin_client.get(page(file)).text

    answer = admin_client.post(
        step(file, "leave_out") + "?show=ready",
        filled_in(shown, default_carrier="OnTrac"),
        follow=True,
    )

    assert answer.redirect_chain[0][0] == f"{page(file)}?show=ready"
    assert "Ships with OnTrac" in answer.text
    assert "columns or their carrier changed: look at the lines" in answer.text


def test_a_carrier_that_no_store_accepts_any_more_stays_chosen(admin_client):
    file = without_carriers(admin_client)
    TrackingFile.objects.update(carrier="Pigeon")

    answer = admin_client.post(
        step(file, "take"),
        filled_in(admin_client.get(page(file)).text),
        follow=True,
    )

    assert "columns or their carrier changed" not in answer.text
    assert TrackingFile.objects.get().carrier == "Pigeon"
    assert TrackingFile.objects.get().taken_at


def test_lines_are_left_out_and_stay_so(admin_client):
    one, other = OrderFactory.create_batch(2)
    file = stored([str(one), "A12345", "OnTrac"], [str(other), "A22345", "OnTrac"])
    chosen = {"was_left_out": ["x"], "left_out": ["2", "99"]}

    answer = admin_client.post(step(file, "leave_out"), chosen, follow=True)
    taken = admin_client.post(step(file, "take"), follow=True)

    assert "A person left this line out." in answer.content.decode()
    assert 'aria-label="Leave out line 2" checked' in answer.content.decode()
    assert "Take 1 line" in answer.content.decode()
    assert "1 line is taken. 1 line is left out." in taken.content.decode()
    assert not one.shipments.exists()
    assert other.shipments.exists()


def test_what_is_ticked_is_not_taken(admin_client):
    order = OrderFactory()
    file = stored([str(order), "A12345", "OnTrac"])

    admin_client.post(step(file, "take"), {"left_out": ["2"]})

    assert not order.shipments.exists()
    assert TrackingFile.objects.get().results[0][0] == "left_out"


def test_a_page_shown_before_brings_no_line_back_that_somebody_left_out(admin_client):
    one, other = OrderFactory.create_batch(2)
    file = stored([str(one), "A12345", "OnTrac"], [str(other), "A22345", "OnTrac"])
    admin_client.post(step(file, "leave_out"), {"left_out": ["2"]})
    shown = admin_client.get(page(file)).content.decode()
    admin_client.post(
        step(file, "leave_out"), {"was_left_out": ["2"], "left_out": ["2", "3"]}
    )

    admin_client.post(step(file, "take"), {"was_left_out": ["2"]})

    assert 'name="was_left_out" value="2"' in shown
    assert 'name="was_left_out" value="3"' not in shown
    assert one.shipments.exists()
    assert not other.shipments.exists()


def test_what_is_ticked_stays_on_the_way_to_another_page(admin_client):
    file = stored(*([str(number), "A12345", "OnTrac"] for number in range(101)))
    ticked = {"left_out": ["5"]}

    shown = admin_client.get(page(file)).content.decode()
    answer = admin_client.post(step(file, "leave_out") + "?show=&page=2", ticked)
    columns = {"order": "0", "tracking_number": "1", "left_out": ["6"]}
    admin_client.post(step(file, "columns"), columns)

    assert f'formaction="{step(file, "leave_out")}?show=&amp;page=2"' in shown
    assert answer.url == f"{page(file)}?show=&page=2"
    assert TrackingFile.objects.get().left_out == [5, 6]


def test_lines_can_be_narrowed_to_one_result(admin_client):
    order = OrderFactory()
    file = stored([str(order), "A12345", "OnTrac"], ["404", "A22345", "OnTrac"])

    text = admin_client.get(page(file), {"show": "refused"}).content.decode()

    assert "There is no order 404" in text
    assert "Ships with" not in text


def test_files_are_for_those_who_may_ship(client, db):
    order = OrderFactory()
    file = stored([str(order), "A12345", "OnTrac"])
    staff(client, "view_order", "view_trackingfile")

    gets = [reverse(LIST), reverse(UPLOAD), page(file), step(file, "refused")]
    answers = [
        *(client.get(url) for url in gets),
        *(client.post(step(file, name)) for name in ("columns", "leave_out", "take")),
        upload(client, as_file([str(order), "A12345", "OnTrac"])),
    ]

    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert reverse(LIST) not in client.get(reverse("admin:index")).content.decode()
    assert not Shipment.objects.exists()


def test_those_who_may_ship_take_files_and_change_by_post_alone(client, db):
    order = OrderFactory()
    file = stored([str(order), "A12345", "OnTrac"])
    staff(client, "ship_order")

    assert client.get(step(file, "take")).status_code == 405
    assert client.get(reverse(LIST)).status_code == 200
    assert client.post(step(file, "take")).url == page(file)
    assert clock.now() >= TrackingFile.objects.get().taken_at
