"""Remove the second factor of somebody who lost it, when no superuser can."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand
from backoffice.people.second_factor import remove_factor


class Command(OperatorCommand):
    help = gettext_lazy(
        "Remove the second factor, an app or passkeys, of a user who lost it and the "
        "recovery codes; the password alone lets in then. Superusers do it on the "
        "user’s page. Example: manage.py remove_second_factor ada"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("No user is called “%(name)s”.") % {"name": username})
        if not remove_factor(None, user):
            raise CommandError(_("%(user)s has no second factor.") % {"user": user})
        message = _("%(user)s has no second factor any more.") % {"user": user}
        self.stdout.write(message)
