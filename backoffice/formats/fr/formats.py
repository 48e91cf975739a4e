"""Times with their zone."""

from django.conf.locale.fr import formats

DATETIME_FORMAT = f"{formats.DATETIME_FORMAT} e"
SHORT_DATETIME_FORMAT = f"{formats.SHORT_DATETIME_FORMAT} e"
