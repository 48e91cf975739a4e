from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0021_kept_figures'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='ship_by',
            field=models.DateTimeField(null=True, verbose_name='ship by'),
        ),
        migrations.AddField(
            model_name='order',
            name='corrected_country',
            field=models.CharField(max_length=2, null=True),
        ),
    ]
