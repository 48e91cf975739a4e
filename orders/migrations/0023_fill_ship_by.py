# Fills what lists are sorted and narrowed by of the orders that are here already, a
# batch a transaction, so that a million of them are not locked together. A second run
# goes on where one stopped. The rule is that of `deadline_of`.

from datetime import timedelta

from django.db import migrations
from django.db.models import (
    Case, DateTimeField, ExpressionWrapper, Max, Min, OuterRef, Q, Subquery, Value, When,
)
from django.db.models.functions import Coalesce

A_TIME = 5000


def deadline(days):
    since = Coalesce(
        'paid_at', Case(When(marketplace_state='awaiting_shipment', then='ordered_at'))
    )
    days = Value(timedelta(days=days))
    return ExpressionWrapper(since + days, output_field=DateTimeField())


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    orders = apps.get_model('orders', 'Order').objects.using(alias)
    corrections = apps.get_model('orders', 'Correction').objects.using(alias)
    stores = {}
    for pk, days in (
        apps.get_model('stores', 'Store')
        .objects.using(alias)
        .values_list('pk', 'ship_within_days')
    ):
        stores.setdefault(days, []).append(pk)
    is_due = Q(paid_at__isnull=False) | Q(marketplace_state='awaiting_shipment')
    waiting = orders.filter(is_due, ship_by=None)
    ends = waiting.order_by().aggregate(first=Min('pk'), last=Max('pk'))
    if ends['first'] is not None:
        for first in range(ends['first'], ends['last'] + 1, A_TIME):
            some = waiting.filter(pk__gte=first, pk__lt=first + A_TIME)
            for days, theirs in stores.items():
                some.filter(store__in=theirs).update(ship_by=deadline(days))
    country = corrections.filter(order=OuterRef('pk')).values('ship_to_country')
    orders.filter(has_correction=True, corrected_country=None).update(
        corrected_country=Subquery(country)
    )


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0022_ship_by'),
        ('stores', '0007_mail_language'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
