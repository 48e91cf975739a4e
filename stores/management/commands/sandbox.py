"""Run the practice marketplace."""

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import (
    OperatorCommand,
    add_flag,
    in_one_line,
    wrong_usage,
)
from backoffice.kit.processes import StopSignal
from stores.models import validate_timezone
from stores.sandbox.listings import LISTINGS
from stores.sandbox.marketplace import PACIFIC
from stores.sandbox.seed import new_order, seed
from stores.sandbox.server import Sandbox
from stores.sandbox.shops.practice import open_practice_shop, sell
from stores.sandbox.shops.profiles import PROFILES
from stores.sandbox.shops.server import Shop

# Tokens of accounts that exist nowhere but here.
PRACTICE_TOKENS = ["feed" * 8, "cafe" * 8]


def seconds(text: str) -> timedelta:
    """Read up to a day; argparse says what is no such number."""
    if not 0 <= int(text) <= 86_400:
        raise ValueError(text)
    return timedelta(seconds=int(text))


def shop_choice(text: str) -> tuple[str, int]:
    """Read a profile and, after a colon, its port, which is 0 when left out."""
    profile, _colon, port = text.partition(":")
    if profile not in PROFILES or not (port.isdecimal() or not port):
        message = _("“%(text)s” is none of these, with or without “:PORT”: %(names)s.")
        facts = {"text": text, "names": ", ".join(PROFILES)}
        raise argparse.ArgumentTypeError(message % facts)
    return profile, int(port or 0)


class Command(OperatorCommand):
    help = gettext_lazy(
        "Run a practice marketplace that speaks Tophatter's Merchant API, with orders "
        "to ship and faults to switch on. Example: manage.py sandbox --port 8700"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8700, help=_("port (8700)"))
        parser.add_argument(
            "--orders", type=int, default=40, help=_("orders to begin with (40)")
        )
        parser.add_argument(
            "--new-order-every",
            type=float,
            default=60,
            metavar="SECONDS",
            help=_("a new order as time passes; 0 for none (60)"),
        )
        parser.add_argument(
            "--state",
            type=Path,
            metavar="FILE",
            help=_("remember the orders in a file"),
        )
        self._add_marketplace_arguments(parser)
        parser.add_argument(
            "--token",
            action="append",
            dest="tokens",
            help=_("an account's token; two practice accounts when left out"),
        )
        parser.add_argument(
            "--shop",
            action="append",
            default=[],
            dest="shops",
            type=shop_choice,
            metavar="PROFILE[:PORT]",
            help=_(
                "serve a practice shop beside it, connected as a Custom Store or by "
                "WooCommerce's REST; the numbers after --port when the ports "
                "are left out. Profiles: %(names)s"
            )
            % {"names": ", ".join(PROFILES)},
        )

    def _add_marketplace_arguments(self, parser: CommandParser) -> None:
        """Say how the marketplace is, which is not known of the real one."""
        parser.add_argument(
            "--profile",
            choices=["2017", "2021"],
            default="2021",
            help=_("the orders' form (2021)"),
        )
        parser.add_argument(
            "--zone",
            default=PACIFIC,
            help=_("zone of the server's clock (America/Los_Angeles)"),
        )
        add_flag(
            parser,
            "--no-offset",
            _("leave the offset out of all times, to practise with time zones"),
        )
        parser.add_argument(
            "--lag",
            type=seconds,
            default=timedelta(),
            metavar="SECONDS",
            help=_("show an order as shipped only so long after its notice (0)"),
        )
        add_flag(
            parser,
            "--takes-twice",
            _("take a second notice of an order instead of refusing it"),
        )
        parser.add_argument(
            "--largest-page",
            type=int,
            default=1000,
            metavar="ORDERS",
            help=_("serve no more orders a page, however many are asked for (1000)"),
        )
        parser.add_argument(
            "--list",
            choices=list(LISTINGS),
            help=_("list the orders otherwise than newest first"),
        )

    def handle(self, **options: Any) -> None:
        try:
            validate_timezone(options["zone"])
        except ValidationError as error:
            raise wrong_usage(in_one_line(error)) from None
        sandbox = self._open_marketplace(options)
        for place, token in enumerate(sandbox.accounts):
            sandbox.list_as(options["list"] or "", token)
            if not sandbox.orders(token):
                seed(sandbox, options["orders"], token, start=place)
        shops = self._open_shops(options)
        sandbox.neighbours = {shop.profile_name: f"{shop.root}/" for shop in shops}
        stopped = StopSignal(signal.SIGINT, signal.SIGTERM)
        with ExitStack() as running:
            running.enter_context(sandbox)
            for shop in shops:
                running.enter_context(shop)
            self._introduce(sandbox, shops)
            self._live(sandbox, shops, stopped, options["new_order_every"])

    def _open_marketplace(self, options: dict[str, Any]) -> Sandbox:
        try:
            return Sandbox(
                port=options["port"],
                profile=options["profile"],
                zone=options["zone"],
                offset="none" if options["no_offset"] else "true",
                lag=options["lag"],
                takes_twice=options["takes_twice"],
                largest_page=max(options["largest_page"], 1),
                tokens=options["tokens"] or PRACTICE_TOKENS,
                state_file=options["state"],
            )
        except (OSError, OverflowError):
            message = _("Port %(port)d is taken; choose another one with --port.")
            raise CommandError(message % {"port": options["port"]}) from None
        except ValueError:
            message = _("The file %(file)s does not hold a practice marketplace.")
            raise CommandError(message % {"file": options["state"]}) from None

    def _open_shops(self, options: dict[str, Any]) -> list[Shop]:
        shops = []
        for place, (profile, wish) in enumerate(options["shops"], 1):
            port = wish or options["port"] + place
            state = options["state"]
            if state:
                state = state.with_name(f"{state.stem}-{profile}-{port}{state.suffix}")
            shops.append(self._open_shop(profile, port, options["orders"], state))
        return shops

    def _open_shop(
        self, profile: str, port: int, orders: int, state: Path | None
    ) -> Shop:
        try:
            return open_practice_shop(profile, port, orders, state)
        except (OSError, OverflowError):
            message = _("Port %(port)d is taken; choose another one with --shop.")
            raise CommandError(message % {"port": port}) from None
        except ValueError:
            message = _("The file %(file)s does not hold a practice shop.")
            raise CommandError(message % {"file": state}) from None

    def _introduce(self, sandbox: Sandbox, shops: list[Shop]) -> None:
        self.stdout.write(
            _("The practice marketplace is at http://127.0.0.1:%(port)d/")
            % {"port": sandbox.port}
        )
        self.stdout.write(f"TOPHATTER_API_URL={sandbox.url}")
        for token in sandbox.accounts:
            self.stdout.write(_("Access token: %(token)s") % {"token": token})
        for shop in shops:
            facts = {"profile": shop.profile_name, "address": shop.url}
            self.stdout.write(_("Practice shop %(profile)s: %(address)s") % facts)
            for name, text in {**shop.settings, **shop.secrets}.items():
                self.stdout.write(f"  {name}: {text}")
        sys.stdout.flush()

    def _live(
        self, sandbox: Sandbox, shops: list[Shop], stopped: StopSignal, every: float
    ) -> None:
        next_at = time.monotonic() + every
        while not stopped.wait(0.5):
            if every and time.monotonic() >= next_at:
                new_order(sandbox)
                for shop in shops:
                    sell(shop)
                next_at = time.monotonic() + every
