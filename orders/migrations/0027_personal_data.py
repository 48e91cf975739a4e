"""When the buyer of an order was erased; reasons of holds stand in its history alone."""

from django.db import migrations, models


def shorten_log(apps, schema_editor):
    entries = apps.get_model("admin", "LogEntry").objects
    entries.using(schema_editor.connection.alias).filter(
        content_type__app_label="orders", change_message__startswith="Held: "
    ).update(change_message="Held.")


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("orders", "0026_slips_job"),
        ("stores", "0009_erase_after_days"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="order",
            options={
                "ordering": ["-ordered_at", "-id"],
                "permissions": [
                    ("erase_buyer", "Can hand out and erase what is kept of a buyer"),
                    ("ship_order", "Can ship, hold and release orders"),
                    ("send_tracking", "Can send tracking to the marketplace"),
                    (
                        "override_amber",
                        "Can send tracking despite a doubt, with a reason",
                    ),
                    ("export_orders", "Can export orders and shipments"),
                ],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.AddField(
            model_name="order",
            name="erased_at",
            field=models.DateTimeField(null=True, verbose_name="personal data erased"),
        ),
        migrations.AlterField(
            model_name="orderevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("changed", "Changed at the marketplace"),
                    ("held", "Held"),
                    ("released", "Released"),
                    ("shipped", "Shipped"),
                    ("corrected", "Shipment corrected"),
                    ("accepted", "Accepted by the marketplace"),
                    ("refused", "Not accepted by the marketplace"),
                    ("overridden", "Sent despite a doubt"),
                    ("address", "Address corrected"),
                    ("address_kept", "Corrected address kept"),
                    ("address_reverted", "Marketplace’s address taken"),
                    ("email", "Customer’s e-mail address changed"),
                    ("mailed", "Customer told by mail"),
                    ("assigned", "Assigned"),
                    ("printed", "Packing slip printed"),
                    ("note", "Note"),
                    ("erased", "Personal data erased"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    ("changed_at__gt", models.F("erased_at")),
                    _connector="OR",
                ),
                fields=["store", "marketplace_state", "changed_at"],
                name="orders_order_to_erase",
            ),
        ),
        migrations.RunPython(shorten_log, migrations.RunPython.noop),
    ]
