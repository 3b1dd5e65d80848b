"""Events of areas and lines on their way to the disk."""

import pytest
from fakes import FakeClock

from embereye.model.ids import CameraId
from embereye.model.sighting import ZoneEvent, ZoneEventKind
from embereye.runtime.engine import Engine
from embereye.services.zone_log import ZoneLog


class Sink:
    def __init__(self):
        self.batches, self.pruned = [], []

    def save(self, events):
        self.batches.append(list(events))

    def prune(self, before):
        self.pruned.append(before)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def engine(clock):
    return Engine(clock)


def event(clock):
    return ZoneEvent(
        CameraId("c1"), ZoneEventKind.ENTERED, "gate", "Gate", "person", 1, 0.8, 0.0, clock.now()
    )


def test_events_of_one_second_are_one_batch(engine, clock):
    sink = Sink()
    log = ZoneLog(engine, sink, 30)
    log.note(event(clock))
    log.note(event(clock))
    engine.step()
    assert sink.batches == []
    clock.advance(1.0)
    engine.step()
    assert [len(batch) for batch in sink.batches] == [2]
    log.flush()
    assert len(sink.batches) == 1, "nothing waits"


def test_what_is_older_than_the_settings_say_is_removed(engine, clock):
    sink = Sink()
    log = ZoneLog(engine, sink, 30)
    log.keep_days(2)
    now = clock.advance(10.0)
    engine.step()
    assert sink.pruned == [now.utc - 2 * 86_400]


def test_no_more_is_kept_than_is_removed_later(engine, clock, caplog):
    sink = Sink()
    log = ZoneLog(engine, sink, 30)
    for _ in range(200):
        log.note(event(clock))
    log.flush()
    assert [len(batch) for batch in sink.batches] == [50]
    assert "150 events" in caplog.text
    log.note(event(clock))
    log.flush()
    assert len(sink.batches[1]) == 1
