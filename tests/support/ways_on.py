"""Where a page leads to: its links, its forms, its buttons, the steps of its list."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.urls import resolve


class Ways(HTMLParser):
    """Where a page leads, by which method, and the steps its list offers."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.steps: set[str] = set()
        self.select: str | None = ""

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if tag == "a":
            self.add("get", given.get("href"))
        elif tag == "form":
            self.add(str(given.get("method", "get")).lower(), given.get("action"))
        elif tag == "select":
            self.select = given.get("name")
        elif tag == "option" and self.select == "action" and given.get("value"):
            self.steps.add(str(given["value"]))
        self.add("get", given.get("hx-get"))
        self.add("post", given.get("hx-post"))
        self.add("post", given.get("formaction"))

    def add(self, method: str, url: str | None) -> None:
        if url and not url.startswith(("#", "mailto:", "tel:")):
            self.found.add((method, url))


def name_of(url: str) -> str:
    """Return what an address is called, as the walk of all addresses calls it."""
    match = resolve(urlsplit(url).path)
    return ":".join([*match.namespaces, match.url_name or match.route])


def ways_of(url: str, answer: HttpResponse) -> tuple[set[tuple[str, str]], set[str]]:
    """Return the methods and addresses that a page of ours offers, and its steps."""
    found, ways = Ways(), set()
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        found.feed(answer.content.decode())
    for method, way in found.found:
        there = urlsplit(urljoin(f"http://here{url}", way))
        if there.netloc == "here" and not there.path.startswith("/static/"):
            ways.add((method, there.path))
    return ways, found.steps
