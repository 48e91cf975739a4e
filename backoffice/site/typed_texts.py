"""What people type is kept without characters that hide or turn a text."""

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.deprecation import MiddlewareMixin

from stores.marketplaces.values import UNSEEN


class WithoutUnseen(MiddlewareMixin):
    """Drops from each posted form what is dropped from a marketplace's texts.

    Here, and not in the forms, so that no field of any form is forgotten. Passwords
    stay as they are, or an old one would be right no more.
    """

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Look after the token of the form was read, which reads all of it."""
        if request.method != "POST":
            return
        for name, values in list(request.POST.lists()):
            if "password" not in name and any(map(UNSEEN.search, values)):
                seen = [UNSEEN.sub("", value) for value in values]
                # Past the lock of what was posted, of which no copy can be left.
                MultiValueDict.setlist(request.POST, name, seen)
