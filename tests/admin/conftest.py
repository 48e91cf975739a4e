"""Who works in the admin beside the one that each test is about."""

import pytest

from tests.factories import UserFactory


@pytest.fixture
def ada(client):
    """The browser of a second superuser."""
    client.force_login(UserFactory(username="ada", is_superuser=True))
    return client
