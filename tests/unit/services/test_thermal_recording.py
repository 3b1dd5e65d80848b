"""Thermal frames for the history: all of a normal device, two a second of a fast one."""

import numpy as np
import pytest

from embereye.model.ids import DeviceId
from embereye.model.reading import Profile, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.services import thermal_recording
from embereye.services.thermal_recording import ThermalRecording

D = DeviceId("d1")
_PICTURE = np.zeros((24, 32), np.float32)


class Disk:
    def __init__(self):
        self.runs = []

    def save(self, run, arrivals, batch):
        self.runs.append(run)

    @property
    def times(self):
        return sorted(utc for run in self.runs for utc in run.utc)


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def recording(disk):
    return ThermalRecording(disk.save)


def frame(at, words=bytes(1668), celsius=20.0, device=D):
    return ThermalFrame(
        device, at, Profile.MLX90640, _PICTURE, _PICTURE, max_celsius=celsius, words=words
    )


def feed(recording, clock, count, period, device=D):
    stamps = []
    for _ in range(count):
        stamps.append(clock.advance(period))
        recording.take(frame(stamps[-1], device=device))
    return [stamp.utc for stamp in stamps]


def test_a_field_device_keeps_every_frame(recording, clock, disk):
    sent = feed(recording, clock, 200, 4.085)
    recording.flush(clock.mono(), age=0.0)
    assert disk.times == sent
    assert max(len(run.frames) for run in disk.runs) == 15


def test_two_frames_a_second_with_jitter_are_all_kept(recording, clock, disk):
    sent = []
    for number in range(100):
        sent += feed(recording, clock, 1, 0.45 if number % 2 else 0.55)
    recording.flush(clock.mono(), age=0.0)
    assert len(disk.times) >= 99


def test_a_fast_device_is_thinned_to_two_frames_a_second(recording, clock, disk):
    feed(recording, clock, 600, 0.1)
    recording.flush(clock.mono(), age=0.0)
    assert 118 <= len(disk.times) <= 122
    assert np.diff(disk.times).max() < 0.7


def test_all_frames_around_an_alarm_are_kept(recording, clock, disk):
    feed(recording, clock, 1200, 0.1)
    before = feed(recording, clock, 590, 0.1)
    recording.alarm([D], clock.now())
    after = feed(recording, clock, 590, 0.1)
    feed(recording, clock, 600, 0.1)
    recording.flush(clock.mono(), age=0.0)
    kept = disk.times
    assert set(before) <= set(kept)
    assert set(after) <= set(kept)
    assert len(kept) == len(set(kept)) < 590 * 2 + 1800 * 0.25
    assert all(len(run.frames) <= 64 for run in disk.runs)


def test_an_alarm_writes_at_once_what_was_open(recording, clock, disk):
    sent = feed(recording, clock, 3, 4.0)
    recording.alarm([D, DeviceId("never seen")], clock.now())
    assert disk.times == sent


def test_frames_of_another_length_begin_a_run(recording, clock, disk):
    recording.take(frame(clock.advance(1.0)))
    recording.take(frame(clock.advance(1.0), words=bytes(1536)))
    recording.take(frame(clock.advance(1.0), words=b""))
    recording.flush(clock.mono(), age=0.0)
    assert [len(run.frames[0]) for run in disk.runs] == [1668, 1536]


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_was_set_begins_a_run(recording, clock, disk, jump):
    feed(recording, clock, 3, 4.0)
    clock.jump_wall(jump)
    feed(recording, clock, 2, 4.0)
    recording.flush(clock.mono(), age=0.0)
    assert [len(run.frames) for run in disk.runs] == [3, 2]


def test_frames_that_come_late_make_runs_of_a_minute_each(recording, clock, disk):
    """After a restart the frames of ten minutes come at once, with the times of then."""
    for number in range(150):
        at = Stamp(number * 4.0 - 600.0, clock.now().utc + number * 4.0)
        recording.take(frame(at))
    recording.flush(clock.mono(), age=0.0)
    assert sum(len(run.frames) for run in disk.runs) == 150
    assert max(run.utc[-1] - run.utc[0] for run in disk.runs) <= 60.0


def test_a_run_knows_its_hottest_cell(recording, clock, disk):
    for celsius in (20.0, 91.5, None):
        recording.take(frame(clock.advance(1.0), celsius=celsius))
    recording.flush(clock.mono(), age=0.0)
    assert disk.runs[0].max_celsius == 91.5


def test_frames_left_out_do_not_fill_the_memory(recording, clock, disk, monkeypatch):
    monkeypatch.setattr(thermal_recording, "_MOST_WITHHELD", 100)
    for number in range(2000):
        feed(recording, clock, 1, 0.01, DeviceId(f"d{number % 3}"))
    tracks = recording._tracks.values()
    assert sum(len(track.withheld) for track in tracks) == recording._withheld == 100
    clock.advance(61.0)
    recording.flush(clock.mono())
    assert recording._withheld == 0


def test_invented_names_do_not_fill_the_memory(recording, clock, disk):
    for number in range(5000):
        feed(recording, clock, 1, 0.001, DeviceId(f"name-{number}"))
    assert len(recording._tracks) <= 2000
    assert len(disk.runs) >= 3000
