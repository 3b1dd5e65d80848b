"""Trends of hours and days come from the disk, their newest minutes from memory."""

import threading

import numpy as np
import pytest
from storage_parts import opened, running

from embereye.config.schema import DeviceLimits
from embereye.model.ids import DeviceId
from embereye.model.past import TrendAsked
from embereye.model.trend import Trend
from embereye.services.trend_reader import TrendReader
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.readings import CHANNELS, Chunk

D = DeviceId("d1")


class Memory:
    """Stands for `History.trend`."""

    def __init__(self):
        self.utc = np.empty(0)

    def __call__(self, device, channel, seconds):
        return Trend(channel, CHANNELS[channel].unit, self.utc, np.full(len(self.utc), 30.0))


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def now(clock):
    return clock.now().utc


@pytest.fixture
def reader(tmp_path, clock, memory, now):
    """A disk with a value each 10 s of the last two hours, until 10 s ago."""
    utc = now - np.arange(7200.0, 0.0, -10.0)
    storage = opened(tmp_path)
    with running(storage.telemetry):
        for channel, value in (("thermal max", 20.0), ("spare", 800.0)):
            values = np.full(len(utc), value, np.float32)
            parts = range(0, len(utc), 100)
            chunks = [Chunk(D, channel, utc[n : n + 100], values[n : n + 100]) for n in parts]
            storage.readings.save_chunks(chunks)
    limits = DeviceLimits(gas_channel="ADC3", gas="CO2")
    return TrendReader(tmp_path, clock, memory, lambda device: limits)


def test_an_hour_is_read_from_the_disk(reader, now):
    trend = reader.read(TrendAsked(D, "thermal max", 3600.0)).trend
    assert trend.utc[0] == pytest.approx(now - 3600.0, abs=10.1)
    assert trend.utc[-1] == pytest.approx(now - 10.0, abs=0.1)
    assert set(trend.values) == {20.0}


def test_the_newest_minutes_come_from_memory_and_no_sample_comes_twice(reader, memory, now):
    memory.utc = now - np.arange(600.0, 0.0, -10.0)
    trend = reader.read(TrendAsked(D, "thermal max", 3600.0)).trend
    assert (np.diff(trend.utc) > 1.0).all()
    assert len(trend.utc) == 360
    assert (trend.values == 30.0).sum() == 60


def test_gas_is_computed_from_its_channel(reader):
    trend = reader.read(TrendAsked(D, "gas", 3600.0)).trend
    assert trend.unit == "ppm"
    assert len(trend.utc) == 360


def test_a_damaged_disk_is_told(reader, tmp_path):
    for file in tmp_path.glob(f"{TELEMETRY_FILE}*"):
        file.write_bytes(b"no database" * 1000)
    answer = reader.read(TrendAsked(D, "thermal max", 3600.0))
    assert answer.problem
    assert len(answer.trend.utc) == 0


def test_questions_are_answered_in_a_thread_and_the_newest_of_a_channel_wins(reader):
    answers, complete, stop = [], threading.Event(), threading.Event()

    def reply(answer):
        answers.append(answer)
        if len(answers) == 2:
            complete.set()

    for seconds in (3600.0, 600_000.0, 7200.0):
        reader.ask(TrendAsked(D, "thermal max", seconds), reply)
    reader.ask(TrendAsked(D, "spare", 3600.0), reply)
    thread = threading.Thread(target=reader.run, args=(stop,))
    thread.start()
    assert complete.wait(10.0)
    stop.set()
    thread.join(5.0)
    assert [(a.asked.channel, a.asked.seconds) for a in answers] == [
        ("thermal max", 7200.0),
        ("spare", 3600.0),
    ]
