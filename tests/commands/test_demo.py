"""“make run” as a new user meets it."""

import json
import os
import re
import signal
import socket
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.management.base import CommandError

from backoffice.demo.ports import refuse_ports, refuse_strangers
from tests.support.programs import children, command_of, free_port, wait_until


@pytest.mark.sweep
def test_the_demo_brings_orders_in_by_itself_stops_whole_and_keeps_its_data(demo):
    demo.begin()
    introduction = demo.introduction()
    with urlopen(f"http://127.0.0.1:{demo.port}/login/") as answer:
        login_page = answer.status
    # A request by another name, as a page elsewhere could make this browser send one.
    with pytest.raises(HTTPError) as by_another_name:
        urlopen(
            Request(
                f"http://127.0.0.1:{demo.port}/login/",
                headers={"Host": "elsewhere.example"},
            )
        )
    wait_until(lambda: demo.count("orders_order") > 20, 60, "the first import")
    before = demo.count("orders_order")
    with urlopen(f"http://127.0.0.1:{demo.sandbox_port}/sandbox/state.json") as answer:
        accounts = json.load(answer)["accounts"]
    started = children(demo.process.pid)

    last_words = demo.end()

    assert f"http://127.0.0.1:{demo.port}/" in introduction
    assert re.search(r"Password +\S{12,}", introduction)
    assert login_page == 200
    assert by_another_name.value.code == 400
    assert len(accounts[0]["orders"]) >= before
    assert "Everything has stopped." in last_words
    assert len(started) >= 5
    assert not [pid for pid in started if os.path.exists(f"/proc/{pid}")]

    demo.begin()
    again = demo.introduction()
    demo.end()

    password = re.search(r"Password +(\S+)", introduction)[1]
    kept = demo.folder / "demo-login.txt"
    assert password not in again
    assert re.search(rf"The password is in +{re.escape(str(kept))}", again)
    assert kept.read_text().strip() == password
    assert kept.stat().st_mode & 0o077 == 0
    assert demo.count("stores_store") == 2
    assert demo.count("orders_order") >= before


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("command", "name"), [("qcluster", "worker"), ("gunicorn", "web server")]
)
def test_a_program_that_dies_is_started_again(demo, command, name):
    demo.begin()
    demo.introduction()
    programs = children(demo.process.pid)
    victim = min(pid for pid in programs if command in command_of(pid))

    os.kill(victim, signal.SIGKILL)

    line = demo.process.stdout.readline()
    assert name in line
    assert "starts again" in line
    assert "Everything has stopped." in demo.end()


@pytest.mark.sweep
def test_a_killed_demo_leaves_nothing_behind(demo):
    demo.begin()
    demo.introduction()
    started = children(demo.process.pid)

    demo.process.kill()

    def is_gone() -> bool:
        return not [pid for pid in started if os.path.exists(f"/proc/{pid}")]

    assert wait_until(is_gone, 30, "the end of all processes")


def test_a_taken_port_is_said_in_a_sentence(demo):
    with socket.create_server(("127.0.0.1", demo.port)):
        demo.begin()
        text, _ = demo.process.communicate(timeout=120)

    assert demo.process.returncode == 1
    assert f"Port {demo.port} is taken" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("port", [-5, 0, 65536, 99999])
def test_a_port_that_cannot_be_is_said_in_a_sentence(port):
    with pytest.raises(CommandError, match=f"from 1 to 65535; {port} is none"):
        refuse_ports(port, None)


def test_one_port_for_both_programs_is_said_in_a_sentence():
    port = free_port()

    with pytest.raises(CommandError, match=f"practice marketplace has port {port}"):
        refuse_ports(port, port)


@pytest.mark.parametrize(
    ("hosts", "is_behind_proxy", "named"),
    [
        (["localhost", "backoffice.example.com"], False, "backoffice.example.com"),
        (["*"], False, "*"),
        (["localhost"], True, "BEHIND_PROXY"),
    ],
)
def test_the_demo_serves_nobody_beyond_this_machine(hosts, is_behind_proxy, named):
    with pytest.raises(CommandError, match="this machine alone") as refused:
        refuse_strangers(hosts, is_behind_proxy)

    assert f"let others in ({named})" in str(refused.value)


def test_the_demo_serves_this_machine():
    assert refuse_strangers(["localhost", "127.0.0.1", "[::1]"], False) is None


def test_a_real_marketplace_wants_the_real_thing(demo):
    demo.begin(TOPHATTER_API_URL="https://tophatter.invalid/merchant_api/v1")

    text, _ = demo.process.communicate(timeout=120)

    assert demo.process.returncode == 1
    assert "DEBUG is on with a real marketplace" in text
    assert "docs/deploying.md tells how" in text
    assert "Traceback" not in text
    assert not demo.database.exists()


def test_the_demo_does_not_pretend_to_be_a_deployment(demo):
    demo.begin(DEBUG="False")

    text, _ = demo.process.communicate(timeout=120)

    assert demo.process.returncode == 1
    assert "DEBUG=True" in text
