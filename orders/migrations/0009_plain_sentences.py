# After the columns, because PostgreSQL alters no table whose rows were just changed.

from backoffice.kit.turned_sentences import turn_sentences_over
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0008_facts'),
    ]

    operations = [turn_sentences_over('orders')]
