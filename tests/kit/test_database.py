"""A database that is away is waited for, but never within a transaction."""

import pytest
from django.db import OperationalError, transaction

from backoffice.kit.database import retried
from stores.models import Store
from tests.factories import StoreFactory


def test_within_a_transaction_there_is_one_try_and_the_connection_stays(db):
    tries = []

    def work():
        tries.append(Store.objects.count())
        raise OperationalError("the server has gone away")

    with transaction.atomic():
        store = StoreFactory()
        with pytest.raises(OperationalError):
            retried(work)

    assert tries == [1]
    assert Store.objects.get() == store
