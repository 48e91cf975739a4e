"""Django's own changepassword, which asks for the password and repeats none."""

from django.contrib.auth.management.commands import changepassword

from backoffice.kit.commands import QuietCommand


class Command(QuietCommand, changepassword.Command):
    """For a password that was typed on the line, where others would see it."""
