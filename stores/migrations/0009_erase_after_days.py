from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0008_senders")]

    operations = [
        migrations.AddField(
            model_name="store",
            name="erase_after_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Days from the last change at the marketplace of an order that is shipped or cancelled, for example 365. Name, address, e-mail address, notes and what came of them go for good; numbers, dates, items and amounts stay. Left empty, all is kept.",
                null=True,
                validators=[MinValueValidator(1), MaxValueValidator(3660)],
                verbose_name="erase personal data after (days)",
            ),
        ),
    ]
