"""Install everything into .venv, and mend a .venv that was left half done or grew old.

Runs before anything is installed, on whatever Python is called `python3`: it imports
nothing of ours and must be readable to older Pythons, to tell them what is missing.
"""

import hashlib
import json
import os
import subprocess  # nosec B404 # our own programs
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
# Written last, so it is missing from what was interrupted.
STAMP = VENV / "installed.json"
FACTS = "import json, sys; print(json.dumps([sys.prefix, sys.version_info[:2]]))"


def main() -> None:
    refuse_places_of_others()
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    installed = whole_venv()
    if installed == wanted:
        return
    refuse_what_cannot_work()
    print("Installing into .venv, this takes a minute the first time.", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes"]
    pip += ["--disable-pip-version-check", "-r", str(REQUIREMENTS)]
    if installed:
        # What runs from it goes on when something cannot be had.
        run([*pip, "--dry-run"])
        STAMP.unlink()
    else:
        # All of it anew: what was interrupted is not worth a diagnosis.
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    run(pip)
    STAMP.write_text(json.dumps([wanted, *facts()]))


def whole_venv() -> str:
    """Return which requirements the .venv holds, or "" if it is not whole and here."""
    try:
        requirements, *known = json.loads(STAMP.read_text())
        return requirements if known == facts() else ""
    except (OSError, ValueError, subprocess.CalledProcessError):
        return ""


def facts() -> list:
    """Return where the .venv believes to be, and its version of Python."""
    command = [str(PYTHON), "-c", FACTS]
    return json.loads(subprocess.check_output(command, stderr=subprocess.DEVNULL))  # noqa: S603  # nosec B603 # our own programs


def refuse_what_cannot_work() -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 (the reader may have an older one)
        sys.exit(
            f"Python 3.11 or newer is needed, and {sys.executable} is {version}; "
            "“make run PYTHON=/path/to/python3.11” takes another."
        )
    try:
        # By a name inside: a removed package leaves an empty folder behind.
        import venv  # noqa: F401
        from ensurepip import version as _  # noqa: F401
    except ImportError:
        sys.exit(
            f"Python {version} has no “venv”; on Debian and Ubuntu: "
            "apt-get install python3-venv"
        )


def refuse_places_of_others() -> None:
    places = [(ROOT, os.W_OK), (VENV, os.W_OK), (ROOT / ".env", os.R_OK)]
    for place, need in places:
        if place.exists() and not os.access(str(place), need):
            sys.exit(
                f"{place} belongs to another user; give it to yourself with chown, or "
                "copy the back office to a folder of your own."
            )


def run(command: list) -> None:
    if subprocess.call(command) != 0:  # noqa: S603 (commands of our own)  # nosec B603
        sys.exit(
            "Installing stopped, for the reason above; the next run begins it anew."
        )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Installing was interrupted; the next run begins it anew.")
