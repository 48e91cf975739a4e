"""Print 500 packing slips and their pick list as PDF: seconds and peak memory.

    python tests/benchmarks/paper.py --orders 500

Works on a database of its own that is thrown away. Names and addresses are of the
practice marketplace: Latin with accents, Arabic, Hebrew and Chinese. Memory is the
most that the whole process ever held, Django included.
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import django
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))


def memory() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(count: int) -> list[int]:
    """Make a store with a logo and `count` orders, and return their keys."""
    from PIL import Image

    from orders.models import LineItem, Order
    from stores.models import Logo
    from stores.sandbox.tables import BUYERS, PRODUCTS
    from tests.factories import OrderFactory, StoreFactory

    dice = random.Random(1)
    store = StoreFactory(
        company_name="Müßig & Söhne",
        return_address="Übungsweg 5\n50667 Köln",
        slip_message="Thank you.",
    )
    logo = BytesIO()
    Image.effect_noise((800, 320), 60).convert("RGB").save(logo, "PNG")
    Logo.objects.create(store=store, image=logo.getvalue(), content_type="image/png")
    orders = []
    for _ in range(count):
        name, street, city, state, postal_code, country = dice.choice(BUYERS)
        orders.append(
            OrderFactory.build(
                store=store,
                ship_to_name=name,
                ship_to_address1=street,
                ship_to_city=city,
                ship_to_state=state,
                ship_to_postal_code=postal_code,
                ship_to_country=country,
            )
        )
    Order.objects.bulk_create(orders)
    items = []
    for order in orders:
        for position in range(dice.choice([1, 1, 1, 2, 3])):
            product, sku, variation, price = dice.choice(PRODUCTS)
            items.append(
                LineItem(
                    order=order,
                    position=position,
                    sku=sku,
                    name=product,
                    quantity=dice.choice([1, 1, 2]),
                    unit_price=Decimal(price),
                    options={"Variation ID": variation} if variation else {},
                )
            )
    LineItem.objects.bulk_create(items)
    return [order.pk for order in orders]


def timed(work: Callable[[], object]) -> tuple[object, float]:
    started = time.perf_counter()
    result = work()
    return result, round(time.perf_counter() - started, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
            "DATABASE_URL": f"sqlite:///{folder}/paper.sqlite3",
            "REDIS_URL": "",
            "SECRET_KEY": "a key for this alone, long enough to be one of fifty",
            "TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        django.setup()
        report(options.orders)


def report(count: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone as clock

    from orders.documents import drawing, slips
    from orders.models import Order

    call_command("migrate", verbosity=0)
    keys = fill(count)
    before = memory()
    orders, reading = timed(lambda: Order.objects.in_order_of(keys))
    printed, wording = timed(lambda: slips.slips_of(orders, clock.now()))
    paper, drawn = timed(lambda: drawing.draw_slips(printed, "a4"))
    pick, picking = timed(
        lambda: drawing.draw_pick_list(slips.pick_list(orders, clock.now()), "a4")
    )
    _, marking = timed(lambda: slips.mark_printed(orders, None))
    figures = {
        "slips": len(printed),
        "read_s": reading,
        "slips_s": wording,
        "slips_pdf_s": drawn,
        "pick_list_pdf_s": picking,
        "mark_s": marking,
        "slips_pdf_kb": len(paper) // 1024,
        "pick_list_pdf_kb": len(pick) // 1024,
        "memory_before_mb": round(before),
        "memory_peak_mb": round(memory()),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
