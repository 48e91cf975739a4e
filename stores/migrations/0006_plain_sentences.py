# After the columns, because PostgreSQL alters no table whose rows were just changed.

from backoffice.kit.turned_sentences import turn_sentences_over
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('stores', '0005_facts'),
    ]

    operations = [turn_sentences_over('stores')]
