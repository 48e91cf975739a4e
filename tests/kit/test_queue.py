"""What is handed to the queue: names of tasks, and keys."""

import pytest

from backoffice.kit.queue import enqueue
from tests.support.queues import purge, waiting


@pytest.mark.parametrize(
    "argument", ["7", 7.0, True, b"7", [7], {"access_token": "feed"}]
)
def test_only_a_key_is_queued(transactional_db, argument):
    purge()

    with pytest.raises(TypeError, match="is queued by a key, not by") as caught:
        enqueue("refresh_store", argument)

    assert "feed" not in str(caught.value)
    assert waiting() == []


def test_what_waits_holds_a_name_and_a_key_alone(transactional_db):
    purge()

    enqueue("refresh_store", 7)
    enqueue("refresh_more_stores")

    first, second = waiting()
    assert (first["func"], first["args"]) == ("orders.tasks.refresh_store", (7,))
    assert (second["func"], second["args"]) == ("orders.tasks.refresh_more_stores", ())
    assert not {**first["kwargs"], **second["kwargs"]}
