from django.db import migrations, models


def say_why(apps, schema_editor):
    """Take what a store that sends by itself did not send for doubtful, as till now."""
    shipments = apps.get_model('orders', 'Shipment').objects
    shipments = shipments.using(schema_editor.connection.alias).filter(notification='not_sent')
    sends_by_itself = {'order__store__auto_send_tracking': True}
    shipments.exclude(**sends_by_itself).update(not_sent_because='store')
    shipments.filter(**sends_by_itself).update(not_sent_because='doubt')


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0017_tracking_file_left_out'),
    ]

    operations = [
        migrations.AddField(
            model_name='shipment',
            name='not_sent_because',
            field=models.CharField(blank=True, choices=[('doubt', 'Waits for a last look'), ('store', 'Never told'), ('choice', 'Not sent, by choice')], default='', max_length=10, verbose_name='why it is not sent'),
            preserve_default=False,
        ),
        migrations.RunPython(say_why, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(('not_sent_because', ''), ('notification', 'not_sent'), _negated=True), name='orders_shipment_not_sent_has_a_reason'),
        ),
    ]
