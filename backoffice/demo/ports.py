"""Say in a sentence why the demo cannot listen: at a port, or for others at all."""

import socket
from collections.abc import Iterable

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

HIGHEST = 65535
OWN_NAMES = {"localhost", "127.0.0.1", "[::1]"}


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
    # The practice shop's is beside the marketplace's.
    practice = [] if sandbox_port is None else [sandbox_port, sandbox_port + 1]
    if port in practice:
        message = _(
            "The practice marketplace has port %(port)d (TOPHATTER_API_URL in .env); "
            "choose another one for the back office with “make run PORT=8001”."
        )
        raise CommandError(message % {"port": port})
    for one in (port, *practice):
        refuse_port(one)


def refuse_strangers(hosts: Iterable[str], is_behind_proxy: bool) -> None:
    """Raise if the settings let others than this machine reach the demo."""
    others = sorted(set(hosts) - OWN_NAMES)
    if is_behind_proxy:
        others.append("BEHIND_PROXY")
    if others:
        message = _(
            "“demo” serves this machine alone, without TLS and with full errors; the "
            "settings let others in (%(others)s). Take that out of ALLOWED_HOSTS and "
            "BEHIND_PROXY, or read docs/deploying.md for the real thing."
        )
        raise CommandError(message % {"others": ", ".join(others)})
