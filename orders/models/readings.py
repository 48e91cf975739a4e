"""What `Order.read_with` names: how the order was read."""


def settings_of(reading: str) -> tuple[str, bool, str]:
    """Return the zone, the variation toggle and the words `Order.read_with` names."""
    _version, timezone, options = reading.split()[:3]
    return timezone, options.partition("+")[0] == "options", words_named(reading)


def words_named(reading: str) -> str:
    """Return which own words of status `Order.read_with` names; empty for none."""
    return "".join(reading.split()[3:])


def meanings_named(reading: str) -> str:
    """Return what it names of all words, own ones and those that are known."""
    known = reading.split()[2].partition("+")[2] if reading else ""
    return f"{known} {words_named(reading)}"
