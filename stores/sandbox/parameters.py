"""Read a call's parameters as the marketplace does: what is wrong with them is 400."""

from typing import Any


class Refusal(Exception):
    """An answer other than 200, with the marketplace's one-key JSON."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


def require(given: dict[str, Any], *names: str) -> None:
    missing = [name for name in names if not given.get(name)]
    if missing:
        raise Refusal(
            400, f"The following parameters are missing: {', '.join(missing)}."
        )


def number(given: dict[str, Any], name: str, default: int) -> int:
    try:
        value = int(given.get(name, default))
    except ValueError:
        raise Refusal(400, f"{name} must be a number.") from None
    if value < 1:
        raise Refusal(400, f"{name} must be 1 or more.")
    return value


def choice(given: dict[str, Any], name: str, table: dict[str, Any]) -> Any:
    value = given.get(name, "")
    if value not in table:
        raise Refusal(400, f"{value} is not a valid {name}.")
    return table[value]


def page_of(given: dict[str, Any], rows: list[Any]) -> list[Any]:
    page, per_page = number(given, "page", 1), number(given, "per_page", 50)
    if per_page > 1000:
        raise Refusal(400, "per_page must be between 1 and 1000.")
    return rows[(page - 1) * per_page : page * per_page]
