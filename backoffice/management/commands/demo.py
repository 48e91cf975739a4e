"""Start the whole back office on this machine, with a marketplace to practise on."""

import logging
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_q.tasks import async_task

from backoffice.demo.ports import refuse_ports, refuse_strangers
from backoffice.demo.processes import GivenUp, Program, keep_running, stop
from backoffice.kit.commands import OperatorCommand, in_one_line
from backoffice.kit.processes import StopSignal
from stores.accounts import default_marketplace
from stores.connecting import connect
from stores.management.commands.sandbox import PRACTICE_TOKENS
from stores.marketplaces.hosts import is_loopback
from stores.models import Store
from stores.sandbox.shops.practice import DEMO_PROFILE, demo_shop

LOGIN = "admin"
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
# Long enough for a busy machine; it ends as soon as the web server answers.
START_TIME = 120


class Command(OperatorCommand):
    help = gettext_lazy(
        "Start the web server, the worker and, when TOPHATTER_API_URL points to this "
        "machine, a practice marketplace and a shop, both connected. Everything stops "
        "with Ctrl-C and is there again the next time. Example: manage.py demo"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help=_("port (8000)"))
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.BASE_DIR,
            help=_("where the login, the log and the practice orders are kept"),
        )

    def handle(self, *, port: int, folder: Path, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                _(
                    "“demo” serves plain HTTP, so it wants DEBUG=True in .env; "
                    "docs/deploying.md tells how to run the real thing."
                )
            )
        refuse_strangers(settings.ALLOWED_HOSTS, settings.BEHIND_PROXY)
        # What it queues here is no news to the one who started it.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        self.log = folder / "demo.log"
        sandbox_port = self._sandbox_port()
        refuse_ports(port, sandbox_port)
        self._refuse_unwritable(folder)
        call_command("migrate", verbosity=0)
        call_command("setup_schedules", stdout=self.log.open("a"))
        login = self._make_login(folder / "demo-login.txt")
        programs = self._programs(port, sandbox_port, folder)
        stopped = StopSignal(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        try:
            for program in programs:
                program.start(self.log)
            if sandbox_port:
                self._connect_practice_stores(sandbox_port, stopped)
            # Ahead of the scheduler, which looks only after half a minute.
            async_task("backoffice.health.beat")
            async_task("orders.tasks.refresh_due_stores")
            self._wait_for(f"http://127.0.0.1:{port}/healthz", stopped)
            if not stopped.is_set():
                self._introduce(port, sandbox_port, login)
            keep_running(programs, self.log, stopped, self._say_restarted)
        except GivenUp as error:
            message = _("“%(name)s” stops again and again; %(log)s says why.")
            raise CommandError(message % {"name": error, "log": self.log}) from None
        finally:
            stop([program for program in programs if program.process])
        self.stdout.write(_("Everything has stopped."))

    def _sandbox_port(self) -> int | None:
        address = urlsplit(settings.TOPHATTER_API_URL)
        if address.scheme == "http" and is_loopback(address.hostname or ""):
            try:
                return address.port
            except ValueError:
                message = _("TOPHATTER_API_URL in .env names no port there can be.")
                raise CommandError(message) from None
        return None

    def _refuse_unwritable(self, folder: Path) -> None:
        names = ("", "demo.log", "demo-login.txt", "sandbox.json", "db.sqlite3")
        for place in filter(Path.exists, (folder / name for name in names)):
            if not os.access(place, os.R_OK | os.W_OK):
                message = _(
                    "%(place)s belongs to another user and cannot be written; give it "
                    "to yourself with chown."
                )
                raise CommandError(message % {"place": place})

    def _make_login(self, path: Path) -> tuple[str, str] | None:
        """Return the login's password, the first time, and then where it is kept.

        None of a login that was not made here.
        """
        if User.objects.filter(username=LOGIN).exists():
            return (_("The password is in"), str(path)) if path.exists() else None
        password = secrets.token_urlsafe(12)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(password + "\n")
        User.objects.create_superuser(LOGIN, password=password)
        return _("Password"), password

    def _programs(
        self, port: int, sandbox_port: int | None, folder: Path
    ) -> list[Program]:
        web = Program(
            _("web server"),
            [
                *(sys.executable, "-m", "gunicorn", "backoffice.wsgi"),
                *("--bind", f"127.0.0.1:{port}", "--threads", "4"),
                *("--timeout", "120", "--no-control-socket"),
            ],
        )
        worker = Program(_("worker"), [*MANAGE, "qcluster"])
        if not sandbox_port:
            return [web, worker]
        state = str(folder / "sandbox.json")
        sandbox = Program(
            _("practice marketplace"),
            [
                *(*MANAGE, "sandbox", "--port", str(sandbox_port), "--state", state),
                *("--shop", f"{DEMO_PROFILE}:{sandbox_port + 1}"),
            ],
        )
        return [sandbox, web, worker]

    def _connect_practice_stores(self, port: int, stopped: StopSignal) -> None:
        """Connect a store of each kind, the first time."""
        self._wait_for(f"http://127.0.0.1:{port}/", stopped)
        if Store.objects.exists() or stopped.is_set():
            return
        marketplace, token = default_marketplace(), PRACTICE_TOKENS[0]
        try:
            connect(
                name=_("Practice store"), marketplace=marketplace, access_token=token
            )
            connect(name=_("Practice shop"), **demo_shop(port + 1))
        except ValidationError as error:
            self.stderr.write(in_one_line(error))

    def _wait_for(self, url: str, stopped: StopSignal) -> None:
        ends_at = time.monotonic() + START_TIME
        while time.monotonic() < ends_at and not stopped.wait(0.2):
            try:
                with urlopen(url, timeout=2):  # noqa: S310 (an address of our own)  # nosec B310
                    return
            except (URLError, OSError):
                continue

    def _introduce(
        self, port: int, sandbox_port: int | None, login: tuple[str, str] | None
    ) -> None:
        lines = [(_("The back office is at"), f"http://127.0.0.1:{port}/")]
        if login:
            lines += [(_("Log in as"), LOGIN), login]
        if sandbox_port:
            practice = f"http://127.0.0.1:{sandbox_port}/"
            shop = f"http://127.0.0.1:{sandbox_port + 1}/"
            lines.append((_("The practice marketplace is at"), practice))
            lines.append((_("The practice shop is at"), shop))
            lines.append((_("Token for a second store"), PRACTICE_TOKENS[1]))
        width = max(len(title) for title, _value in lines)
        for title, value in lines:
            self.stdout.write(f"{title:{width}}  {value}")
        self.stdout.write(_("Stop everything with Ctrl-C."))
        self.stdout.flush()

    def _say_restarted(self, name: str) -> None:
        self.stdout.write(
            _("“%(name)s” has stopped; it starts again.") % {"name": name}
        )
        self.stdout.flush()
