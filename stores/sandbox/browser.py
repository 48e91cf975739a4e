"""How the pages of what is practised with look, and who may see them."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

from stores.sandbox import drawings
from stores.sandbox.armed import Armed
from stores.sandbox.wire import QuietHandler

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #7c3aed; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem;
  padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code { background: var(--soft); border-radius: 4px; padding: .1rem .3rem;
  overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem;
  text-align: start; white-space: nowrap; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
button, select, input { border: 1px solid var(--line); border-radius: 6px;
  font: inherit; padding: .35rem .7rem; }
button { background: var(--accent); color: #fff; cursor: pointer; }
.shipped { color: #15803d; } @media (prefers-color-scheme: dark) {
  .shipped { color: #4ade80; } :root { --accent: #6d28d9; } }
"""

# No script runs, and only this style is applied, whatever an order holds.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class Answer:
    """What is sent back to a browser."""

    status: int
    kind: str
    text: str
    location: str = ""


@dataclass(frozen=True)
class Pages:
    """What is shown of a practice, told as JSON, and done when a button is pressed."""

    show: Callable[[Any], str]
    state: Callable[[Any], Any]
    steer: Callable[[Any, str, dict[str, str]], bool]


def answer_browser(
    pages: Pages, practice: Armed, method: str, path: str, form: dict[str, Any]
) -> Answer:
    """Answer a person: the page, its pictures and buttons, or the state as JSON."""
    with practice.lock:
        if method == "GET" and path == "/":
            return Answer(200, "text/html; charset=utf-8", pages.show(practice))
        if method == "GET" and path.startswith(f"{drawings.PATH}/"):
            return Answer(200, "image/svg+xml", drawings.draw(path))
        if method == "GET" and path == "/sandbox/state.json":
            text = json.dumps(pages.state(practice), ensure_ascii=False, default=str)
            return Answer(200, "application/json", text)
        if method == "POST" and pages.steer(practice, path, form):
            return Answer(303, "text/plain", "", location="/")
    return Answer(404, "text/html", "<html>Not Found</html>")


def frame(title: str, parts: str) -> str:
    """Return a page of these parts."""
    return f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>{STYLE}</style>
{parts}</html>"""


def faults_part(practice: Armed, calls: Iterable[str], otherwise: str) -> str:
    """Return what is armed, and the buttons that switch faults on and off."""
    armed = ", ".join(
        f"{fault.name} ({'on' if fault.times is None else f'{fault.times}×'})"
        for fault in practice.faults
    )
    names, options = (
        "".join(f"<option>{escape(name)}</option>" for name in some)
        for some in (practice.known_faults, calls)
    )
    return f"""<h2>Faults</h2><p>Armed: {escape(armed) or "none"}.</p>
<form method="post" action="/sandbox/fault">
<select name="name" aria-label="Fault">{names}</select>
<select name="times" aria-label="How often"><option value="1">once</option>
<option value="3">3 times</option><option value="on">until cleared</option></select>
<select name="on" aria-label="Call"><option value="">{otherwise}</option>{options}
</select><button>Switch on</button></form>
<form method="post" action="/sandbox/clear"><button>Clear all faults</button></form>"""


def steer_faults(
    practice: Armed, path: str, form: dict[str, Any], calls: Iterable[str]
) -> bool:
    """Do what a button about faults says; return whether it is one."""
    name = form.get("name", "")
    if path == "/sandbox/fault" and name in practice.known_faults:
        times, on = form.get("times", "1"), form.get("on", "")
        often = int(times) if times.isdigit() else None
        practice.fault(name, often, on if on in calls else None)
    elif path == "/sandbox/clear":
        practice.clear_faults()
    else:
        return False
    return True


def table(heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def row(cells: Iterable[str], is_shipped: bool) -> str:
    inner = "".join(f"<td><bdi>{escape(cell) or '–'}</bdi></td>" for cell in cells)
    return f'<tr class="{"shipped" if is_shipped else ""}">{inner}</tr>'


class PageHandler(QuietHandler):
    """A handler that shows pages beside what it serves to programs."""

    def serve(self) -> None:
        """Answer a call of either."""
        raise NotImplementedError

    def do_GET(self) -> None:
        self.serve()

    do_POST = do_GET

    def show(self, pages: Pages, practice: Armed, path: str, form: Any) -> None:
        """Show a page, unless somebody else would steer this one by it."""
        call = (pages, practice, self.command, path, form)
        self._write(self._refuse_strangers() or answer_browser(*call))

    def _refuse_strangers(self) -> Answer | None:
        """Return what is said under another name, or to another page's buttons."""
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin", f"http://{host}")
        if host.rsplit(":", 1)[0] not in LOOPBACK:
            return Answer(403, "text/plain", "Open this page as 127.0.0.1.")
        if self.command != "GET" and origin != f"http://{host}":
            return Answer(403, "text/plain", "Press the buttons of this page.")
        return None

    def _write(self, answer: Answer) -> None:
        body = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(body)
