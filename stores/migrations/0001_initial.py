# The first tables.

import django.core.validators
import stores.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Store',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='For example: Main store.', max_length=100, unique=True, verbose_name='name')),
                ('marketplace', models.CharField(choices=[('tophatter', 'Tophatter')], default='tophatter', max_length=20, verbose_name='marketplace')),
                ('is_active', models.BooleanField(default=True, help_text='Off: nothing is imported or sent by itself. The orders stay here.', verbose_name='active')),
                ('timezone', models.CharField(default='UTC', help_text="The zone of the marketplace's times that carry no offset, for example America/Los_Angeles.", max_length=64, validators=[stores.models.validate_timezone], verbose_name='time zone')),
                ('import_variation_as_option', models.BooleanField(default=False, help_text="Shows the variation's ID among the options of each item.", verbose_name='import variation ID as item option')),
                ('auto_import', models.BooleanField(default=True, verbose_name='import automatically')),
                ('import_interval', models.PositiveIntegerField(default=15, help_text='Minutes between two automatic imports, for example 15.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)], verbose_name='import interval (minutes)')),
                ('auto_send_tracking', models.BooleanField(default=True, help_text='Sends carrier and tracking number as soon as an order ships.', verbose_name='send tracking automatically')),
                ('token_ciphertext', models.TextField(blank=True, editable=False)),
                ('token_fingerprint', models.CharField(blank=True, editable=False, max_length=64)),
                ('token_ending', models.CharField(blank=True, editable=False, max_length=4, verbose_name='access token ends in')),
                ('token_set_at', models.DateTimeField(editable=False, null=True, verbose_name='access token set')),
                ('connection', models.CharField(choices=[('connected', 'Connected'), ('refused', 'Refused')], default='connected', editable=False, max_length=20, verbose_name='connection')),
                ('connection_error', models.TextField(blank=True, editable=False, verbose_name='connection error')),
                ('refused_since', models.DateTimeField(editable=False, null=True, verbose_name='refused since')),
                ('last_import_attempt_at', models.DateTimeField(editable=False, null=True, verbose_name='last import attempt')),
                ('last_import_at', models.DateTimeField(editable=False, null=True, verbose_name='last complete import')),
                ('import_failures', models.PositiveIntegerField(default=0, editable=False)),
                ('backoff_until', models.DateTimeField(editable=False, null=True)),
                ('lease_owner', models.CharField(blank=True, editable=False, max_length=32)),
                ('lease_until', models.DateTimeField(editable=False, null=True)),
                ('carriers', models.JSONField(default=dict, editable=False)),
                ('carriers_read_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'store',
                'verbose_name_plural': 'stores',
                'ordering': ['name'],
                'permissions': [('import_now', 'Can import orders now'), ('replace_token', 'Can replace the access token')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('token_fingerprint', ''), _negated=True), fields=('marketplace', 'token_fingerprint'), name='stores_store_token_once_per_marketplace'), models.CheckConstraint(condition=models.Q(('import_interval__gte', 1)), name='stores_store_interval_positive')],
            },
        ),
    ]
