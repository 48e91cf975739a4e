"""Which hosts are this computer, or in a network of one's own."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# Their last four bytes are an address of IPv4 (RFC 4291, 2.5.5.1; RFC 6052, 2.1).
HOLD_IPV4 = (IPv6Network("::/96"), IPv6Network("64:ff9b::/96"))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether the host is this computer or in its network, as far as its name says."""
    try:
        address = ip_address(host)
    except ValueError:
        name, _, last = host.lower().rstrip(".").rpartition(".")
        # A number is an address written otherwise: 0x7f.1, 2130706433.
        is_number = last[:1].isdigit()
        return not name or is_number or last in {"localhost", "local", "internal"}
    if isinstance(address, IPv6Address):
        if address.is_site_local:
            return True
        mapped = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in HOLD_IPV4):
            mapped = IPv4Address(int(address) & 0xFFFFFFFF)
        address = mapped or address
    return not address.is_global or address.is_multicast


def is_practice(url: str) -> bool:
    """Say whether the marketplace of this address is on this computer."""
    return is_loopback(urlsplit(url).hostname or "")
