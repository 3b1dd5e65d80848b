"""Pictures in shared memory: whole or not there, the newest one only."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from threading import Event, Thread

import numpy as np
import pytest

from embereye.runtime import newest
from embereye.runtime.newest import FACTS, MemoryFull, NewestReader, NewestWriter, remove_all_of


@pytest.fixture
def writer():
    made = NewestWriter(64 * 64)
    yield made
    made.close()


def _picture(value: int, side: int = 64) -> np.ndarray:
    return np.full((side, side), value % 256, dtype=np.uint8)


def test_the_newest_picture_is_read_once(writer: NewestWriter) -> None:
    reader = NewestReader(writer.name, writer.capacity)
    assert reader.read() is None
    for value in range(1, 6):
        writer.publish(bytes([value]), _picture(value))
    assert reader.fresh
    found = reader.read()
    assert found is not None
    assert found[0][0] == 5
    assert len(found[0]) == FACTS
    assert (found[1] == 5).all()
    assert reader.number == 5
    assert not reader.fresh
    assert reader.read() is None
    reader.close()


def test_two_parts_come_one_after_the_other(writer: NewestWriter) -> None:
    reader = NewestReader(writer.name, writer.capacity)
    writer.publish(b"", _picture(1, 8), _picture(2, 4))
    found = reader.read()
    assert found is not None
    assert found[1].tolist() == [1] * 64 + [2] * 16
    reader.close()


def test_what_does_not_fit_is_refused(writer: NewestWriter) -> None:
    with pytest.raises(ValueError, match="fit"):
        writer.publish(b"", _picture(1, 65))
    with pytest.raises(ValueError, match="fit"):
        writer.publish(bytes(FACTS + 1), _picture(1, 8))


def test_a_picture_that_is_overwritten_while_it_is_copied_is_never_handed_out(
    writer: NewestWriter,
) -> None:
    """A writer as fast as it can be against a reader: each picture has one value only."""
    reader = NewestReader(writer.name, writer.capacity)
    stop = Event()

    def write() -> None:
        value = 0
        while not stop.is_set():
            value += 1
            writer.publish(bytes([value % 256]), _picture(value))

    thread = Thread(target=write)
    thread.start()
    try:
        seen = 0
        while seen < 500:
            found = reader.read()
            if found is None:
                continue
            seen += 1
            assert len(np.unique(found[1])) == 1
            assert found[1][0] == found[0][0]
    finally:
        stop.set()
        thread.join()
        reader.close()


def test_a_half_written_picture_is_left_alone(
    writer: NewestWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = NewestReader(writer.name, writer.capacity)
    writer.publish(b"", _picture(7))
    real = np.copyto

    def half(target: np.ndarray, part: np.ndarray) -> None:
        real(target[:32], part[:32])
        found = reader.read()  # the reader comes in the middle: it gets the one before, whole
        assert found is not None
        assert (found[1] == 7).all()
        real(target[32:], part[32:])

    monkeypatch.setattr(newest.np, "copyto", half)
    writer.publish(b"", _picture(8))
    found = reader.read()
    assert found is not None
    assert (found[1] == 8).all()
    reader.close()


def test_full_shared_memory_is_said_before_it_kills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "_SPARE", 1 << 60)
    with pytest.raises(MemoryFull, match="shared memory"):
        NewestWriter(4096)


def _child(pipe: Connection) -> None:
    writer = NewestWriter(4096)
    writer.publish(b"x", np.ones((8, 8), np.uint8))
    pipe.send(writer.name)
    signal.pause()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX memory only")
def test_memory_of_a_killed_process_is_read_to_the_end_and_removed() -> None:
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_child, args=(there,))
    process.start()
    there.close()
    name = here.recv()
    reader = NewestReader(name, 4096)
    process.kill()
    process.join()
    found = reader.read()
    assert found is not None
    assert found[1].tolist() == [1] * 64
    assert process.pid is not None
    remove_all_of(process.pid)
    remove_all_of(process.pid)  # twice does no harm
    with pytest.raises(ValueError, match="gone"):
        NewestReader(name, 4096)
    reader.close()
    here.close()
