"""Where staff say what a word of status means: from its order, and from its problem."""

from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse

from orders.importing.status_words import fold_word, is_word
from stores.models import Store


def words_url(store: Store, word: str = "") -> str:
    """Return where staff say what words mean, with the one in question."""
    url = reverse("admin:stores_store_words_of_status", args=[store.pk])
    return f"{url}?{urlencode({'word': word})}" if word else url


def words_url_for(user: User, store: Store, word: str) -> str:
    """Return where this person may say what a word means, empty if nowhere."""
    word = fold_word(word)
    if not is_word(word) or not user.has_perm("stores.change_store"):
        return ""
    return words_url(store, word)
