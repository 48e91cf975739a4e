# The first tables.

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('marketplace_order_id', models.CharField(max_length=50, verbose_name='order number')),
                ('marketplace_status', models.CharField(blank=True, max_length=50, verbose_name="marketplace's status")),
                ('marketplace_state', models.CharField(choices=[('awaiting_payment', 'Awaiting payment'), ('awaiting_shipment', 'Awaiting shipment'), ('on_hold', 'On hold'), ('shipped', 'Shipped'), ('cancelled', 'Cancelled'), ('needs_review', 'Needs review')], max_length=20, verbose_name='status at the marketplace')),
                ('ordered_at', models.DateTimeField(verbose_name='ordered')),
                ('paid_at', models.DateTimeField(null=True, verbose_name='paid')),
                ('customer_name', models.CharField(blank=True, max_length=200, verbose_name='customer')),
                ('ship_to_name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('ship_to_address1', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('ship_to_address2', models.CharField(blank=True, max_length=200, verbose_name='address line 2')),
                ('ship_to_city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('ship_to_state', models.CharField(blank=True, max_length=100, verbose_name='state or province')),
                ('ship_to_postal_code', models.CharField(blank=True, max_length=20, verbose_name='postal code')),
                ('ship_to_country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('refund_amount', models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name='refunded')),
                ('marketplace_carrier', models.CharField(blank=True, max_length=100, verbose_name='carrier at the marketplace')),
                ('marketplace_tracking_number', models.CharField(blank=True, max_length=100, verbose_name='tracking number at the marketplace')),
                ('payload', models.JSONField(verbose_name='as received')),
                ('digest', models.CharField(max_length=64)),
                ('read_with', models.CharField(max_length=80)),
                ('imported_at', models.DateTimeField(verbose_name='imported')),
                ('changed_at', models.DateTimeField(verbose_name='changed at the marketplace')),
                ('rechecked_at', models.DateTimeField(null=True, verbose_name='checked again')),
                ('held_at', models.DateTimeField(null=True, verbose_name='held since')),
                ('hold_reason', models.CharField(blank=True, max_length=200, verbose_name='reason for the hold')),
                ('hold_until', models.DateField(null=True, verbose_name='held until')),
                ('has_shipment', models.BooleanField(default=False, verbose_name='shipped here')),
                ('status', models.GeneratedField(db_persist=True, expression=models.Case(models.When(marketplace_state__in=['shipped', 'cancelled'], then='marketplace_state'), models.When(models.Q(models.Q(('marketplace_state', 'needs_review'), _negated=True), ('has_shipment', True)), then=models.Value('shipped')), models.When(held_at__isnull=False, then=models.Value('on_hold')), default='marketplace_state'), output_field=models.CharField(choices=[('awaiting_payment', 'Awaiting payment'), ('awaiting_shipment', 'Awaiting shipment'), ('on_hold', 'On hold'), ('shipped', 'Shipped'), ('cancelled', 'Cancelled'), ('needs_review', 'Needs review')], max_length=20), verbose_name='status')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
                'ordering': ['-ordered_at', '-id'],
                'permissions': [('ship_order', 'Can ship, hold and release orders'), ('send_tracking', 'Can send tracking to the marketplace')],
            },
        ),
        migrations.CreateModel(
            name='LineItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('sku', models.CharField(blank=True, max_length=100, verbose_name='SKU')),
                ('name', models.CharField(blank=True, max_length=500, verbose_name='item')),
                ('quantity', models.PositiveIntegerField(verbose_name='quantity')),
                ('unit_price', models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name='unit price')),
                ('options', models.JSONField(default=dict, verbose_name='options')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='line_items', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'line item',
                'verbose_name_plural': 'line items',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('carrier', models.CharField(max_length=100, verbose_name='carrier')),
                ('tracking_number', models.CharField(max_length=100, verbose_name='tracking number')),
                ('shipped_at', models.DateTimeField(verbose_name='shipped')),
                ('notification', models.CharField(choices=[('pending', 'Waiting to be sent'), ('accepted', 'Accepted'), ('refused', 'Refused'), ('unconfirmed', 'Not confirmed yet'), ('not_sent', 'Not sent')], default='pending', max_length=20, verbose_name='notice')),
                ('notification_error', models.TextField(blank=True, verbose_name='what went wrong')),
                ('queued_at', models.DateTimeField(null=True, verbose_name='waiting since')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('next_attempt_at', models.DateTimeField(null=True, verbose_name='next attempt')),
                ('notified_at', models.DateTimeField(null=True, verbose_name='accepted at')),
                ('claim', models.CharField(blank=True, max_length=32)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='orders.order', verbose_name='order')),
                ('shipped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='shipments', to=settings.AUTH_USER_MODEL, verbose_name='shipped by')),
            ],
            options={
                'verbose_name': 'shipment',
                'verbose_name_plural': 'shipments',
                'ordering': ['-shipped_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(max_length=30, verbose_name='cause')),
                ('message', models.TextField(verbose_name='what happened')),
                ('raised_at', models.DateTimeField(verbose_name='raised')),
                ('told_at', models.DateTimeField(null=True, verbose_name='told')),
                ('cleared_at', models.DateTimeField(null=True, verbose_name='cleared')),
                ('end_told_at', models.DateTimeField(null=True, verbose_name='end told')),
                ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'ordering': ['-raised_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at', None), ('store__isnull', False)), fields=('cause', 'store'), name='orders_alert_one_open_per_cause_and_store'), models.UniqueConstraint(condition=models.Q(('cleared_at', None), ('store', None)), fields=('cause',), name='orders_alert_one_open_per_cause')],
            },
        ),
        migrations.CreateModel(
            name='ImportProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('marketplace_order_id', models.CharField(max_length=50, verbose_name='order number')),
                ('kind', models.CharField(choices=[('no_address', 'No ship-to address'), ('unreadable', 'Unreadable'), ('not_stored', 'Refused by the database'), ('not_found', 'Not found at the marketplace'), ('unknown_status', 'Unknown status'), ('unknown_country', 'Unknown country')], max_length=20, verbose_name='kind')),
                ('message', models.TextField(verbose_name='what happened')),
                ('payload', models.JSONField(null=True, verbose_name='as received')),
                ('first_seen_at', models.DateTimeField(verbose_name='first seen')),
                ('last_seen_at', models.DateTimeField(verbose_name='last seen')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'import problem',
                'verbose_name_plural': 'import problems',
                'ordering': ['-last_seen_at', '-id'],
                'indexes': [models.Index(fields=['store', 'resolved_at'], name='orders_importproblem_open')],
                'constraints': [models.UniqueConstraint(fields=('store', 'marketplace_order_id', 'kind'), name='orders_importproblem_once_per_order_and_kind')],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('refresh', 'Refresh'), ('range', 'Date range'), ('orders', 'Single orders'), ('recheck', 'Re-check of open orders')], default='refresh', max_length=10, verbose_name='kind')),
                ('trigger', models.CharField(choices=[('schedule', 'Schedule'), ('manual', 'By hand'), ('command', 'Command')], default='schedule', max_length=10, verbose_name='started by')),
                ('window_start', models.DateTimeField(null=True, verbose_name='window from')),
                ('window_end', models.DateTimeField(null=True, verbose_name='window to')),
                ('order_ids', models.JSONField(default=list, verbose_name='order numbers')),
                ('status', models.CharField(choices=[('running', 'Running'), ('complete', 'Complete'), ('partial', 'Partial'), ('failed', 'Failed')], default='running', max_length=10, verbose_name='status')),
                ('pages', models.PositiveIntegerField(default=0, verbose_name='pages')),
                ('seen', models.PositiveIntegerField(default=0, verbose_name='seen')),
                ('created', models.PositiveIntegerField(default=0, verbose_name='created')),
                ('updated', models.PositiveIntegerField(default=0, verbose_name='updated')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('skipped', models.PositiveIntegerField(default=0, verbose_name='skipped')),
                ('rejected', models.PositiveIntegerField(default=0, verbose_name='rejected')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for')),
                ('started_at', models.DateTimeField(null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='import_runs', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['store', '-id'], name='orders_importrun_store')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True), ('started_at__isnull', False)), fields=('store',), name='orders_importrun_one_running_per_store'), models.CheckConstraint(condition=models.Q(('seen', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('created'), '+', models.F('updated')), '+', models.F('unchanged')), '+', models.F('skipped')), '+', models.F('rejected')))), name='orders_importrun_every_order_has_one_outcome')],
            },
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['-ordered_at', '-id'], name='orders_order_newest'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['status', '-ordered_at', '-id'], name='orders_order_status'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['store', '-ordered_at', '-id'], name='orders_order_store'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['marketplace_order_id'], name='orders_order_number'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(fields=('store', 'marketplace_order_id'), name='orders_order_once_per_store'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.UniqueConstraint(fields=('order', 'position'), name='orders_lineitem_one_per_position'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='orders_lineitem_quantity_positive'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(fields=['tracking_number'], name='orders_shipment_number'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(fields=['notification', 'next_attempt_at'], name='orders_shipment_due'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.UniqueConstraint(fields=('order', 'carrier', 'tracking_number'), name='orders_shipment_number_once_per_order'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.UniqueConstraint(condition=models.Q(('notification__in', ['pending', 'unconfirmed', 'accepted'])), fields=('order',), name='orders_shipment_one_notice_per_order'),
        ),
    ]
