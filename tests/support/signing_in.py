"""Sign in through the pages, as people do, with a password and the codes of an app."""

import re
import time
from base64 import b32decode

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone as clock
from django_otp.oath import totp

from backoffice.models import SecondFactor
from backoffice.people.second_factor import secret_of
from tests.factories import UserFactory

PASSWORD = "correct horse battery"
LOGIN = reverse("admin:login")
CODE = reverse("sign_in_code")


def somebody(name: str = "ada", **facts) -> User:
    """Return a member of staff who has a password."""
    user = UserFactory(username=name, **facts)
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(client, name: str = "ada", password: str = PASSWORD, **options):
    return client.post(LOGIN, {"username": name, "password": password}, **options)


def is_in(client) -> bool:
    return client.get(reverse("account")).status_code == 200


def app_code(user: User, steps: int = 0) -> str:
    """Return what the user's app shows, or has shown so many steps of 30 s ago."""
    secret = b32decode(secret_of(SecondFactor.objects.get(user=user)))
    return f"{totp(secret, t0=30 * -steps):06d}"


def set_up_second_factor(client, user: User) -> list[str]:
    """Set up a second factor as a signed-in user does; return the recovery codes."""
    client.get(reverse("second_factor"))
    # The code of the step before, so that the present one is still unused.
    shown = client.post(reverse("second_factor"), {"code": app_code(user, -1)})
    return re.findall(r"<code>(\w{5}-\w{5})</code>", shown.text)


def age_session(client, **seconds: float) -> None:
    """Have what the session notes of a time be so many seconds old."""
    session = client.session
    for name, age in seconds.items():
        session[name] = time.time() - age
    # By the row: the store itself would note the time of now.
    row = type(session).get_model_class().objects.get(pk=session.session_key)
    row.session_data = session.encode(dict(session.items()))
    row.used_at = clock.now()
    row.save()
