"""What `Order.read_with` names: how the order was read."""


def settings_of(reading: str) -> tuple[str, bool, str]:
    """Return the zone, the variation toggle and the words `Order.read_with` names."""
    _version, timezone, options = reading.split()[:3]
    return timezone, options == "options", words_named(reading)


def words_named(reading: str) -> str:
    """Return which own words of status `Order.read_with` names; empty for none."""
    return "".join(reading.split()[3:])
