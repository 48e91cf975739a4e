"""Addresses and forms of the orders' pages in the admin."""

from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.html import strip_tags

from orders.models import Order
from tests.factories import UserFactory

LIST = "admin:orders_order_changelist"
NUMBER = "9400111899562173406594"
SUBMITTED = {"_form_submitted": "True"}


def page(row) -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_change", args=[row.pk])


def step(row, name: str) -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_{name}", args=[row.pk])


def grid(*orders: Order) -> str:
    chosen = ",".join(str(order.pk) for order in orders)
    return f"{reverse('admin:orders_order_ship_grid')}?orders={chosen}"


def row(order: Order, carrier: str, number: str) -> dict[str, str]:
    return {
        f"order-{order.pk}-carrier": carrier,
        f"order-{order.pk}-tracking_number": number,
    }


def parcel(**fields) -> dict[str, str]:
    today = clock.localdate().isoformat()
    defaults = {"carrier": "USPS", "tracking_number": NUMBER, "shipped_at": today}
    return SUBMITTED | defaults | fields


def staff(client, *permissions: str):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return user


def words(page: str) -> str:
    """Return what a reader sees of a page, on one line."""
    return " ".join(strip_tags(page).split())
