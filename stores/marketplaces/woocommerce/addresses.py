"""The root of a shop, from whatever address of it somebody pasted."""

from urllib.parse import urlsplit, urlunsplit

# Where WordPress begins below the root of its site.
BEGINNINGS = {"wp-json", "wp-admin", "wp-login.php", "wc-api", "index.php", "wc-auth"}


def shop_root(pasted: str) -> str:
    """Return the address without what stands after the site's root, query included.

    Whether it may be asked is judged by the client. What is no address stays as it is,
    without its query, so that the client can refuse it in words.
    """
    bare = pasted.strip().partition("#")[0].partition("?")[0]
    try:
        parts = urlsplit(bare)
    except ValueError:
        return ""
    kept: list[str] = []
    for step in parts.path.split("/"):
        if step.lower() in BEGINNINGS:
            break
        kept.append(step)
    return urlunsplit((parts.scheme, parts.netloc, "/".join(kept).rstrip("/"), "", ""))
