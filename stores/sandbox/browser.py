"""How the pages of what is practised with look, and who may see them."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

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


class PageHandler(QuietHandler):
    """A handler that shows pages beside what it serves to programs."""

    def refuses_page(self) -> Answer | None:
        """Return why no page is served to somebody who would steer from elsewhere."""
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin", f"http://{host}")
        if host.rsplit(":", 1)[0] not in LOOPBACK:
            return Answer(403, "text/plain", "Open this page as 127.0.0.1.")
        if self.command != "GET" and origin != f"http://{host}":
            return Answer(403, "text/plain", "Press the buttons of this page.")
        return None

    def show(self, answer: Answer) -> None:
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
