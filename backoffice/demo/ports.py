"""Say in a sentence why a program cannot listen on a port of this machine."""

import socket

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

HIGHEST = 65535


def refuse_port(port: int) -> None:
    """Raise unless a program of ours may listen on the port."""
    if not 1 <= port <= HIGHEST:
        message = _("A port is a number from 1 to 65535; %(port)d is none.")
        raise CommandError(message % {"port": port})
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            message = _("Port %(port)d is for the superuser; choose one above 1023.")
            raise CommandError(message % {"port": port}) from None
        except OSError:
            message = _(
                "Port %(port)d is taken: is the back office running already? "
                "Another port is chosen with “make run PORT=8001”, the practice "
                "marketplace’s by TOPHATTER_API_URL in .env."
            )
            raise CommandError(message % {"port": port}) from None


def refuse_ports(port: int, sandbox_port: int | None) -> None:
    """Raise unless the web server and the practice marketplace can both listen."""
    refuse_port(port)
    if sandbox_port is None:
        return
    refuse_port(sandbox_port)
    if sandbox_port == port:
        message = _(
            "The practice marketplace has port %(port)d (TOPHATTER_API_URL in .env); "
            "choose another one for the back office with “make run PORT=8001”."
        )
        raise CommandError(message % {"port": port})
