"""The side bar leads everywhere, and says where one is."""

import pytest

from backoffice.site import navigation


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/", "Start"),
        ("/orders/order/", "Orders"),
        ("/orders/order/7/change/", "Orders"),
        ("/orders/order/work/", "To do"),
        ("/orders/order/accounting/rows/", "Order accounting"),
        ("/worker/", None),
    ],
)
def test_the_side_bar_marks_the_one_link_that_leads_nearest(
    rf, admin_user, path, active
):
    request = rf.get(path)
    request.user = admin_user

    links = [link for group in navigation.sidebar(request) for link in group["items"]]

    marked = [str(link["title"]) for link in links if link["active"]]
    assert marked == ([active] if active else [])
