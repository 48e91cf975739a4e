"""“make setup” that was interrupted, moved, or lacks something."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.demo import first_env
from tests.support.programs import ROOT, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.sweep]

PYTHON = getattr(sys, "_base_executable", sys.executable)


def command(folder: Path, **variables: str) -> dict:
    """Return how to run the set-up there; `requirements.txt` decides what it costs."""
    return {
        "args": ["make", "--silent", "installed", f"PYTHON={PYTHON}"],
        "cwd": folder,
        "env": os.environ | variables,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
    }


def set_up(folder: Path, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(**command(folder, **variables))


def checkout(folder: Path) -> Path:
    """Return a checkout with nothing to install, whose path has blanks."""
    (folder / "backoffice").mkdir(parents=True)
    (folder / "requirements.txt").touch()
    for name in ("Makefile", "backoffice/set_up.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def is_whole(folder: Path) -> bool:
    """Say whether pip runs there, as a script and as a module."""
    pip = folder / ".venv/bin/pip"
    told = [[pip], [folder / ".venv/bin/python", "-m", "pip"]]
    words = [
        subprocess.run([*one, "--version"], capture_output=True, text=True).stdout
        for one in told
    ]
    return all(str(folder) in one for one in words)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    folder = checkout(tmp_path_factory.mktemp("set up") / "a back office")
    assert set_up(folder).returncode == 0
    return folder


def test_a_set_up_that_was_killed_in_the_middle_is_begun_anew(tmp_path):
    folder = checkout(tmp_path / "a back office")
    half = folder / ".venv/pyvenv.cfg"
    process = subprocess.Popen(**command(folder), start_new_session=True)
    wait_until(half.exists, 60, "the beginning of the .venv")
    os.killpg(process.pid, 9)
    process.communicate()

    again = set_up(folder)
    third = set_up(folder)

    assert again.returncode == 0, again.stdout
    assert is_whole(folder)
    assert (third.returncode, third.stdout) == (0, "")


def lose_the_interpreter(folder: Path) -> Path:
    for link in (folder / ".venv/bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python")
    return folder


def move(folder: Path) -> Path:
    return folder.rename(folder.with_name("another place"))


def ask_for_more(folder: Path) -> Path:
    (folder / "requirements.txt").write_text("# Something changed.\n")
    return folder


@pytest.mark.parametrize("happens", [lose_the_interpreter, move, ask_for_more])
def test_a_venv_that_no_longer_fits_is_made_anew(installed, tmp_path, happens):
    folder = tmp_path / "a back office"
    shutil.copytree(installed, folder, symlinks=True)
    folder = happens(folder)

    result = set_up(folder)

    assert result.returncode == 0, result.stdout
    assert is_whole(folder)
    assert set_up(folder).stdout == ""


def test_an_update_that_cannot_be_had_leaves_what_is_installed(installed):
    folder = installed
    missing = f"./missing-1-py3-none-any.whl --hash=sha256:{'0' * 64}\n"
    (folder / "requirements.txt").write_text(missing)

    failed = set_up(folder)
    (folder / "requirements.txt").write_text("")
    again = set_up(folder)

    assert failed.returncode != 0
    assert "the next run" in failed.stdout
    assert is_whole(folder)
    assert (again.returncode, again.stdout) == (0, "")


def test_a_missing_venv_module_is_said_with_its_package(tmp_path):
    folder = checkout(tmp_path / "a back office")
    without = tmp_path / "without"
    without.mkdir()
    (without / "ensurepip.py").write_text("raise ImportError\n")

    result = set_up(folder, PYTHONPATH=str(without))

    assert result.returncode != 0
    assert "apt-get install python3-venv" in result.stdout
    assert "Traceback" not in result.stdout
    assert not (folder / ".venv").exists()


def test_a_first_env_that_was_killed_half_written_is_written_whole(tmp_path):
    path = tmp_path / ".env"
    path.with_name(".env.new").write_text("SECRET_K")

    written = first_env.write_env(path)

    assert written
    assert path.read_text().count("=") >= 4
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name(".env.new").exists()
