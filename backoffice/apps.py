import gc

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    name = "backoffice"
    verbose_name = _("Back office")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import checks  # noqa: F401, PLC0415 (registers)

        gc.freeze()
        gc.enable()
