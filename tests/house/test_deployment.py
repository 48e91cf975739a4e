"""The files for deploying, as far as they can be held without a container engine."""

import re

import pytest
import yaml
from django.contrib.auth import management as auth_management
from django.core import management as core_management
from django.core.management import find_commands

from tests.support.programs import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SETTINGS = (ROOT / "backoffice" / "settings.py").read_text()


def unit(name: str) -> str:
    return (ROOT / "deploy" / "systemd" / name).read_text()


def test_every_variable_that_compose_passes_is_a_setting():
    passed = COMPOSE["x-app"]["environment"]

    assert passed
    assert not [name for name in passed if f'"{name}"' not in SETTINGS]


@pytest.mark.parametrize("service", ["web", "worker", "postgres", "redis"])
def test_every_service_restarts_and_has_a_health_check(service):
    facts = COMPOSE["services"][service]
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert facts["restart"] == "always"
    assert "healthcheck" in facts or "HEALTHCHECK" in dockerfile


def test_every_service_waits_for_services_that_exist():
    services = COMPOSE["services"]

    waited_for = {
        name for facts in services.values() for name in facts.get("depends_on", {})
    }

    assert waited_for == {"setup", "postgres", "redis"}
    assert waited_for <= set(services)


def test_the_image_copies_what_exists_and_runs_without_rights():
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    copied = [
        line.split()[1:-1]
        for line in lines
        if line.startswith("COPY") and "--from=build" not in line
    ]
    user = [line for line in lines if line.startswith("USER")]
    installs = [line for line in lines if " install " in line]

    assert all((ROOT / name).exists() for names in copied for name in names)
    assert user == ["USER backoffice"]
    assert len(installs) == 1
    assert "--require-hashes --only-binary :all:" in installs[0]


def test_every_tool_is_installed_by_its_hash():
    for name in ("requirements.txt", ".ci/tools.txt"):
        text = (ROOT / name).read_text().replace("\\\n", "")
        packages = re.findall(r"(?m)^([\w.-]+(?:\[\w,]+\])?==.*)$", text)

        assert packages
        assert all("--hash=sha256:" in package for package in packages)
    told = "".join((ROOT / name).read_text() for name in ("Makefile", ".ci/lock-check"))
    told = told.replace("\\\n", "")
    lines = [line for line in told.splitlines() if "pip install" in line]
    assert len(lines) == 2
    assert all("--require-hashes" in line for line in lines)


def test_a_stop_lets_a_running_task_end(settings):
    timeout = settings.Q_CLUSTER["timeout"]

    systemd = int(
        re.search(r"TimeoutStopSec=(\d+)", unit("backoffice-worker.service"))[1]
    )
    compose = int(COMPOSE["services"]["worker"]["stop_grace_period"].removesuffix("s"))

    assert systemd > timeout
    assert compose > timeout


def test_a_dead_or_stuck_worker_is_started_again():
    worker = unit("backoffice-worker.service")
    check = COMPOSE["services"]["worker"]["healthcheck"]["test"]

    assert "Restart=always" in worker
    assert "KillMode=mixed" in worker
    assert check[-2:] == ["check_worker", "--here"]


def test_every_setting_is_in_the_readmes_table_and_in_the_template():
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS))
    names |= set(re.findall(r'required\("([A-Z_]+)"\)', SETTINGS))

    readme = (ROOT / "README.md").read_text()
    template = (ROOT / ".env.example").read_text()

    assert "SECRET_KEY" in names
    assert not [name for name in names if f"| `{name}` |" not in readme]
    assert not [name for name in names if f"{name}=" not in template]


def test_both_readmes_tell_of_the_same_settings_commands_and_sections():
    def told(name: str) -> list[list[str]]:
        # Some pages are there in French, too.
        text = (ROOT / name).read_text().replace(".fr.md", ".md")
        settings = re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)
        commands = re.findall(r"^\| `([a-z]+_?[a-z]*)", text, re.MULTILINE)
        links = sorted(re.findall(r"\]\((docs/[^)]+)\)", text))
        sections = re.findall(r"^## ", text, re.MULTILINE)
        return [settings, commands, links, sections]

    assert "import_orders" in told("README.md")[1]
    assert told("README.fr.md") == told("README.md")


def test_every_command_for_people_is_in_the_readme():
    commands = {
        path.stem
        for app in ("backoffice", "orders", "stores")
        for path in (ROOT / app / "management/commands").glob("[a-z]*.py")
    }
    # Django's own, which ours stand in for, are Django's to explain.
    for theirs in (core_management, auth_management):
        commands -= set(find_commands(theirs.__path__[0]))
    readme = (ROOT / "README.md").read_text()

    assert "backup" in commands
    assert not [name for name in commands if f"| `{name}" not in readme]


def test_every_test_that_the_reliability_page_names_exists():
    page = (ROOT / "docs" / "reliability.md").read_text()
    rows = [line for line in page.splitlines() if "`test_" in line]
    tests = "\n".join(path.read_text() for path in ROOT.glob("tests/**/test_*.py"))

    named = [name for row in rows for name in re.findall(r"`(test_\w+)`", row)]

    assert len(rows) > 50
    assert not [name for name in named if f"def {name}(" not in tests]
