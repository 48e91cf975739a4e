from django.db import migrations, models


def take_from_payload(apps, schema_editor):
    """Keep the word of each country that was not known, so that paper names one."""
    Order = apps.get_model("orders", "Order")
    orders = Order.objects.using(schema_editor.connection.alias)
    unknown = orders.filter(ship_to_country="").values_list("pk", "payload")
    for pk, payload in unknown.iterator(chunk_size=500):
        word = payload.get("country") if isinstance(payload, dict) else None
        if isinstance(word, str) and (word := " ".join(word.split())[:100]):
            orders.filter(pk=pk).update(unknown_country=word)


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0011_partly_read"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="unknown_country",
            field=models.CharField(
                blank=True, max_length=100, verbose_name="country as received"
            ),
        ),
        migrations.RunPython(take_from_payload, migrations.RunPython.noop),
    ]
