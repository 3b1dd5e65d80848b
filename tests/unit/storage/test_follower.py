"""Bulk writes that follow another writer: in order, never held up by a failure, none lost."""

from threading import Event, Thread

import pytest
from storage_parts import opened

from embereye.model.errors import StorageError
from embereye.storage.follower import Follower
from embereye.storage.writer import Write


@pytest.fixture
def storage(tmp_path):
    made = opened(tmp_path)
    yield made
    stop = Event()
    stop.set()
    for writer in (made.evidence, made.telemetry):
        writer.run(stop)


def noted(said, number):
    return Write(lambda _: None, lambda error: said.append((number, error)))


def test_a_write_goes_at_once_when_nothing_is_to_be_waited_for(storage):
    said = []
    Follower(storage.evidence, storage.telemetry).put_bulk(noted(said, 1))
    storage.telemetry.step()
    assert said == [(1, None)]


def test_writes_wait_for_what_came_before_and_keep_their_order(storage):
    said = []
    follower = Follower(storage.evidence, storage.telemetry)
    storage.evidence.put(Write(lambda _: None, lambda _: follower.put_bulk(noted(said, 3))))
    follower.put_bulk(noted(said, 1))
    follower.put_bulk(noted(said, 2))
    storage.telemetry.step()
    assert said == []
    storage.evidence.step()
    storage.evidence.step()
    storage.telemetry.step()
    assert said == [(1, None), (2, None), (3, None)]


def test_a_failure_of_the_first_one_holds_nothing_up(storage):
    said = []
    storage.evidence.put(Write(lambda _: None))
    storage.evidence.usable = False
    Follower(storage.evidence, storage.telemetry).put_bulk(noted(said, 1))
    storage.telemetry.step()
    assert said == [(1, None)]


def test_a_record_that_is_refused_holds_nothing_up(storage):
    said = []

    def refuse(connection):
        raise ValueError("no")

    storage.evidence.put(Write(refuse, lambda error: said.append(type(error))))
    Follower(storage.evidence, storage.telemetry).put_bulk(noted(said, 1))
    storage.evidence.step()
    storage.telemetry.step()
    assert said == [StorageError, (1, None)]


def test_what_is_handed_on_at_a_stop_is_stored(storage):
    said, stop = [], Event()
    release = Event()
    storage.evidence.put(Write(lambda _: release.wait(10.0)))
    Follower(storage.evidence, storage.telemetry).put_bulk(noted(said, 1))
    threads = [
        Thread(target=writer.run, args=(stop,)) for writer in (storage.evidence, storage.telemetry)
    ]
    for thread in threads:
        thread.start()
    stop.set()
    Event().wait(0.3)  # the second one would be at its end by now
    release.set()
    for thread in threads:
        thread.join(10.0)
    assert said == [(1, None)]
