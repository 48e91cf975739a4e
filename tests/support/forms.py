"""Fill in a form of a page as a browser would: with everything the page has in it."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    """The fields of a page and what they say; of boxes and options the chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.select = self.textarea = ""

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value", "")
        if tag == "select":
            self.select = name or ""
        elif tag == "option" and self.select and "selected" in given:
            self.values[self.select] = value
        elif tag == "textarea" and name:
            self.textarea, self.values[name] = name, ""
        elif tag == "input" and name:
            if given.get("type") != "checkbox":
                self.values[name] = value
            elif "checked" in given:
                self.values[name] = given.get("value", "on")

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.values[self.textarea] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""


def filled_in(html: str, **typed: str | None) -> dict[str, str]:
    """Return what the page's forms would post once this was typed; None unchecks."""
    fields = _Fields()
    fields.feed(html)
    values = fields.values | typed
    return {name: value for name, value in values.items() if value is not None}
