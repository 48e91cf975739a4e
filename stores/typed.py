"""What somebody typed to connect a store, kept sealed until the next click."""

import json
import time

from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.views.decorators.debug import sensitive_variables

from stores import accounts, tokens
from stores.marketplaces.abilities import Account

# In the session: the secrets, encrypted like those of a store.
SESSION_KEY = "typed_account"
KEPT_FOR = 10 * 60


@sensitive_variables()
def keep_typed(request: HttpRequest, marketplace: str, account: Account) -> str:
    """Keep an account for the next post of the same page; return that page's mark."""
    mark = get_random_string(22)
    facts = {
        "mark": mark,
        "user": request.user.pk,
        "until": time.time() + KEPT_FOR,
        "marketplace": marketplace,
        "address": account.address,
        "secrets": dict(account.secrets),
    }
    request.session[SESSION_KEY] = tokens.encrypt(json.dumps(facts))
    return mark


@sensitive_variables()
def find_typed(request: HttpRequest, marketplace: str, mark: str) -> Account | None:
    """Return what this person typed on that page minutes ago, if it is still kept."""
    try:
        sealed = request.session.get(SESSION_KEY, "")
        facts = json.loads(tokens.decrypt(sealed).reveal())
    except tokens.TokenUnreadable:
        return None
    is_theirs = facts["user"] == request.user.pk and facts["mark"] == mark
    if not is_theirs or facts["marketplace"] != marketplace:
        return None
    if facts["until"] < time.time():
        return None
    account = Account(facts["address"], facts["secrets"])
    accounts.hide_account(account)
    return account


def forget_typed(request: HttpRequest) -> None:
    """Have the session keep nothing of what was typed."""
    request.session.pop(SESSION_KEY, None)
