"""Django's own createsuperuser, noted in the audit as a right that was given."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.models import User

from backoffice import audit
from backoffice.kit.commands import QuietCommand
from backoffice.models import AuditEntry


class Command(QuietCommand, createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        superusers = User.objects.filter(is_superuser=True)
        before = list(superusers.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in superusers.exclude(pk__in=before):
            rights = audit.what_differs({}, audit.rights_of(user))
            audit.record(AuditEntry.Kind.RIGHTS, about=user, changes=rights)
