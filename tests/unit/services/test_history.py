"""Recent values: every one is seen once, and handed to the disk in batches."""

import time

import numpy as np
import pytest
from consoles import alarm
from fakes import FakeClock

from embereye.model.detection import Detection, DetectionResult
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId, DeviceId
from embereye.model.messages import AlarmChanged
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.sighting import Sighting
from embereye.runtime.engine import Engine
from embereye.services.history import History, _Ring
from embereye.storage.readings import sensor_chunks

D = DeviceId("d1")


class Sink:
    """Keeps what it is given."""

    def __init__(self):
        self.chunks, self.runs, self.results, self.pruned = [], [], [], []
        self.commits = []

    def save_chunks(self, chunks, done=None):
        self.chunks.extend(chunks)
        self.commits.append(done)

    def save_frames(self, run, done=None):
        self.runs.append(run)
        self.commits.append(done)

    def commit(self, *which):
        """Tell that these of the waiting writes are on the disk; all without an argument."""
        for index in which or range(len(self.commits)):
            self.commits[index](None)
        self.commits = []

    def save(self, results):
        self.results.extend(results)

    def prune(self, before):
        self.pruned.append(before)


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def engine(clock):
    return Engine(clock)


@pytest.fixture
def history(engine, sink):
    return History(engine, sink, sink, retention_days=30)


def send(engine, clock, count, period=0.1, device=D, first=0):
    for number in range(first, first + count):
        engine.post(SensorReading(device, clock.advance(period), adc1=number, flame=False))
        engine.step()


def frame(at, celsius=50.0):
    picture = np.full((24, 32), celsius, np.float32)
    return ThermalFrame(
        D,
        at,
        Profile.MLX90640,
        picture,
        picture,
        max_celsius=celsius,
        ta_celsius=31.0,
        words=bytes(1668),
    )


def test_a_trend_holds_every_packet_once_across_chunks(history, engine, clock):
    send(engine, clock, 250)
    trend = history.trend(D, "smoke", 60.0)
    np.testing.assert_allclose(trend.values, np.arange(250) * 100 / 4095, rtol=1e-6)
    assert trend.unit == "%"
    assert (np.diff(trend.utc) > 0).all()


def test_a_trend_is_as_long_as_asked(history, engine, clock):
    send(engine, clock, 250)
    assert len(history.trend(D, "smoke", 5.05).utc) == 51


def test_a_hundred_packets_make_a_chunk(history, engine, clock, sink):
    send(engine, clock, 99, period=0.001)
    assert sink.chunks == []
    send(engine, clock, 1, period=0.001)
    assert [(c.channel, len(c.utc)) for c in sink.chunks] == [
        ("smoke", 100),
        ("flame digital", 100),
    ]


def test_ten_seconds_make_a_chunk(history, engine, clock, sink):
    send(engine, clock, 3, period=4.0)
    assert sink.chunks == []
    clock.advance(3.0)
    engine.step()
    assert [len(c.utc) for c in sink.chunks] == [3, 3]


def test_the_last_packets_are_handed_over_before_a_stop(history, engine, clock, sink):
    send(engine, clock, 5)
    history.flush()
    assert [len(c.utc) for c in sink.chunks] == [5, 5]
    history.flush()
    assert len(sink.chunks) == 2


def test_memory_is_bounded(history, engine, clock):
    send(engine, clock, 9500, period=0.01)
    assert len(history.trend(D, "smoke", 1e6).utc) <= 9100


def test_a_silence_is_a_gap(history, engine, clock):
    send(engine, clock, 20)
    clock.advance(30.0)
    send(engine, clock, 20)
    assert np.isnan(history.trend(D, "smoke", 60.0).values).sum() == 1


def test_thermal_figures_and_every_frame_are_kept(history, engine, clock, sink):
    for _ in range(25):
        engine.post(frame(clock.advance(1.0)))
        engine.step()
    assert len(history.trend(D, "thermal max", 60.0).utc) == 25
    assert history.trend(D, "ambient", 60.0).values[0] == 31.0
    history.flush()
    assert [len(run.frames) for run in sink.runs] == [25]


def test_nothing_is_kept_of_devices_that_are_left_out(history, engine, clock, sink):
    history.leave_out(frozenset({D}))
    for device in (D, DeviceId("d2")):
        engine.post(SensorReading(device, clock.now(), 5, 6))
        frame = ThermalFrame(
            device, clock.now(), Profile.CENTI27, None, None, 90.0, 20.0, 21.0, None, 0,
            words=bytes(1668),
        )  # fmt: skip
        engine.post(frame)
    engine.step()
    history.flush()
    assert {chunk.device for chunk in sink.chunks} == {"d2"}
    assert {run.device for run in sink.runs} == {"d2"}


def test_frames_reach_the_disk_after_a_minute(history, engine, clock, sink):
    first = clock.advance(1.0)
    engine.post(frame(first))
    engine.step()
    clock.advance(59.9)
    engine.step()
    assert sink.runs == []
    clock.advance(1.1)
    engine.step()
    assert [run.utc for run in sink.runs] == [(first.utc,)]


def test_all_is_stored_until_the_packet_before_the_oldest_one_that_is_not(
    history, engine, clock, sink
):
    assert history.stored_until(D) == 0.0
    send(engine, clock, 100, period=0.01)
    last = clock.now().utc
    waiting = clock.advance(0.5)
    engine.post(frame(waiting))
    engine.step()
    assert history.stored_until(D) < last - 0.98
    sink.commit()
    engine.step()
    assert last <= history.stored_until(D) < waiting.utc
    history.flush()
    assert last <= history.stored_until(D) < waiting.utc
    sink.commit()
    engine.step()
    assert history.stored_until(D) == waiting.utc
    assert history.stored_until(DeviceId("other")) == 0.0


def test_what_the_disk_dropped_is_never_called_stored(history, engine, clock, sink):
    """The writer commits in order: a batch that was overtaken is lost."""
    first = clock.now().utc
    send(engine, clock, 300, period=0.01)
    sink.commit(1, 2)
    engine.step()
    assert history.stored_until(D) < first + 0.02


def test_what_can_not_be_stored_is_never_called_stored(history, engine, clock, sink):
    send(engine, clock, 100, period=0.01)
    sink.commits[0](StorageError("disk"))
    engine.step()
    assert history.stored_until(D) < clock.now().utc - 0.98


def test_a_clock_that_was_set_back_stores_nothing_early(history, engine, clock, sink):
    before = clock.now().utc
    send(engine, clock, 50, period=0.01)
    clock.jump_wall(-3600.0)
    send(engine, clock, 10, period=0.01)
    assert history.stored_until(D) < before - 3599.4


def test_an_alarm_hands_over_the_frames_of_its_devices(history, engine, clock, sink):
    engine.post(frame(clock.advance(1.0)))
    engine.step()
    raised = alarm(1, clock, sources=("camera c1", "device d1"))
    history.take_alarm(AlarmChanged(raised, False, None, clock.now()))
    assert sink.runs == []
    history.take_alarm(AlarmChanged(raised, True, None, clock.now()))
    assert [run.device for run in sink.runs] == [D]


def test_an_unknown_device_has_an_empty_trend(history):
    assert len(history.trend(DeviceId("none"), "smoke", 60.0).utc) == 0


def test_detections_that_found_something_are_kept(history, engine, clock, sink):
    def result(fire, *boxes):
        at = clock.now()
        return DetectionResult(CameraId("c"), 1, at, at, boxes, fire, 0.0, True, "flame", 0.01)

    person = Detection("person", 0.9, 0.0, 0.0, 1.0, 1.0)
    for one in (result(0.1), result(0.5), result(0.0, person)):
        engine.post(Sighting(seen=one, counting=one))
    engine.step()
    clock.advance(1.1)
    engine.step()
    assert [r.fire for r in sink.results] == [0.5, 0.0]


def test_the_same_objects_are_kept_every_two_seconds_and_new_ones_at_once(
    history, engine, clock, sink
):
    def see(*tracks, fire=0.0):
        at = clock.advance(0.125)
        found = tuple(Detection("person", 0.9, 0.0, 0.0, 1.0, 1.0, track=n) for n in tracks)
        seen = DetectionResult(CameraId("c"), 1, at, at, found, fire, 0.0, True, "m", 0.01)
        engine.post(Sighting(seen=seen, counting=seen))
        engine.step()

    for _ in range(17):  # 2 s
        see(1)
    see(1, 2)
    see(2)
    for _ in range(3):
        see(2, fire=0.5)
    history.flush()
    kept = [tuple(found.track for found in result.detections) for result in sink.results]
    assert kept == [(1,), (1,), (1, 2), (2,), (2,), (2,)]


def test_what_is_too_old_is_removed_from_the_disk(history, engine, clock, sink):
    history.keep_days(2)
    now = clock.advance(10.0)
    engine.step()
    assert sink.pruned == [now.utc - 2 * 86_400] * 2


class Interrupted(list):
    """Open packets that become a chunk at the very moment when another thread copies them."""

    def __init__(self, ring, packets):
        super().__init__(packets)
        self.ring = ring

    def __iter__(self):
        if self.ring is not None:
            ring, self.ring = self.ring, None
            ring.close()
        return super().__iter__()


def test_another_thread_sees_each_packet_once_while_a_chunk_is_made(clock):
    ring = _Ring(D, sensor_chunks)
    packets = [SensorReading(D, clock.advance(0.1), adc3=number) for number in range(50)]
    ring.arrivals.open = Interrupted(ring, packets)
    ring.state = ((), ring.arrivals.open)
    assert np.concatenate([chunk.values for chunk in ring.chunks()]).tolist() == list(range(50))
    assert ring.arrivals.open == []


def test_a_packet_costs_less_than_three_microseconds(sink):
    clock = FakeClock()
    history = History(Engine(clock), sink, sink, 30)
    packets = [
        SensorReading(DeviceId(f"d{n % 100}"), clock.now(), 1, 2, 3, False) for n in range(20_000)
    ]
    best = float("inf")
    for _ in range(3):
        started = time.thread_time()
        for packet in packets:
            history.take_reading(packet)
        best = min(best, time.thread_time() - started)
    assert best / len(packets) < 3e-6


def test_invented_names_do_not_fill_the_memory(engine, clock, sink, history):
    for number in range(5000):
        send(engine, clock, 1, 0.001, DeviceId(f"name-{number}"))
    assert len(history._sensors) <= 2000
    assert len(sink.chunks) >= 3000  # nothing of what they said is lost
    send(engine, clock, 5)
    assert len(history.trend(D, "smoke", 60.0).utc) == 5
