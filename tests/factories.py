"""Rows with everything filled in that a test is not about."""

import factory
from django.contrib.auth.models import User
from django.utils import timezone as clock

from orders import search_text
from orders.models import Order
from orders.models.orders import deadline_of
from stores import tokens
from stores.models import Store


class StoreFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Store
        exclude = ["access_token"]

    access_token = factory.Sequence(lambda n: f"{n:032x}")
    # Of one length, so that names sort as they were made.
    name = factory.Sequence(lambda n: f"Store {n:04}")
    token_ciphertext = factory.LazyAttribute(lambda o: tokens.encrypt(o.access_token))
    token_fingerprint = factory.LazyAttribute(
        lambda o: tokens.fingerprint(o.access_token)
    )
    token_ending = factory.LazyAttribute(lambda o: o.access_token[-4:])
    token_set_at = factory.LazyFunction(clock.now)


class OrderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Order

    store = factory.SubFactory(StoreFactory)
    marketplace_order_id = factory.Sequence(lambda n: str(120_000_001 + n))
    marketplace_status = "paid"
    marketplace_state = "awaiting_shipment"
    ordered_at = factory.LazyFunction(clock.now)
    paid_at = factory.SelfAttribute("ordered_at")
    customer_name = "Jane Example"
    ship_to_name = "Jane Example"
    ship_to_address1 = "1 Example Street"
    ship_to_city = "Los Altos"
    ship_to_state = "CA"
    ship_to_postal_code = "94022"
    ship_to_country = "US"
    payload = factory.LazyAttribute(
        lambda o: {"order_id": int(o.marketplace_order_id), "status": "paid"}
    )
    digest = "digest"
    read_with = "2 UTC plain"
    imported_at = factory.LazyFunction(clock.now)
    changed_at = factory.LazyFunction(clock.now)

    @classmethod
    def _create(cls, *args, **facts):
        days = facts["store"].ship_within_days
        facts.setdefault("ship_by", deadline_of(Order(**facts), days))
        order = super()._create(*args, **facts)
        search_text.write(order)
        return order


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    is_staff = True
