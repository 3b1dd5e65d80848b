"""After a kill: packets that were acknowledged are judged again, and kept once."""

import threading
from collections import Counter

import numpy as np
import pytest
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.config.schema import Device, Settings
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.simulate_thermal import centi27_words
from embereye.ingest.thermal_words import words_to_hex
from embereye.model.alarm import Cause
from embereye.model.ids import DeviceId
from embereye.model.raw_packet import RawPacket
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.rules.idle import Idle
from embereye.runtime.engine import Engine
from embereye.services.arrears import Arrears
from embereye.services.history import History
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.storage.database import TELEMETRY_FILE, read_all
from embereye.storage.opening import open_storage
from embereye.storage.readings import decode
from embereye.storage.stored_times import absent, stored_times

D = DeviceId("d1")
BURNING = b"Sensor17:ADC1=287,ADC2=1310,DIO=1"


class Life:
    """One run of the program on a folder: storage, engine, history, arrears; no threads."""

    def __init__(self, folder, clock):
        self.clock = clock
        self.engine = Engine(clock, on_bug=self._fail)
        self.storage = open_storage(folder, clock, self.engine.post, reserve=0)
        self.history = History(self.engine, self.storage.readings, self.storage.detections, 30)
        self.arrears = Arrears(self.engine, self.storage, self.history, DeviceStates())
        self.judged = []
        self.stored = []
        self._seq = self.storage.inbox.progress(D).seq
        self.engine.on(SensorReading, self.judged.append)
        self.engine.on(ThermalFrame, self.judged.append)

    def receive(self, body, seconds=0.0, made=None):
        """A packet as the listener has it stored; `seconds` later than the last one."""
        at = self.clock.advance(seconds)
        self._seq += 1
        packet = RawPacket(D, 1, self._seq, at.utc, 0, body, made)
        self.storage.inbox.put([packet], self._seq, self.stored.append)
        self.storage.evidence.step()
        return at

    def live(self, number, seconds=0.5):
        """A packet that was also judged and kept, as all are that a kill does not hit."""
        at = self.receive(b"Sensor:ADC1=%d,ADC2=1" % number, seconds)
        self.engine.post(SensorReading(D, at, number, 1))
        self.engine.step()

    def play(self):
        count = self.arrears.play()
        self.engine.step()
        return count

    def commit(self):
        """All bulk writes."""
        while self.storage.telemetry.bulk_waiting or self.storage.evidence.bulk_waiting:
            self.storage.telemetry.step()
            self.storage.evidence.step()

    def kill(self):
        """Let go of the files; what was not committed is lost."""
        for writer in (self.storage.evidence, self.storage.telemetry):
            writer._bulk.take_all(0.0)
            writer.run(_stopped())

    def _fail(self, text):
        raise AssertionError(text)


def _stopped():
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def lives(tmp_path):
    """Makes one life after another on the same folder, each 5 s after the last."""
    made = []

    def start():
        if made:
            made[-1].kill()
        utc = made[-1].clock.now().utc + 5.0 if made else 1_700_000_000.0
        made.append(Life(tmp_path, FakeClock(mono=10.0 + len(made), utc=utc)))
        return made[-1]

    start.folder = tmp_path
    yield start
    made[-1].kill()


def test_the_history_never_runs_ahead_of_the_inbox(lives):
    """Else the device would say again, after a kill, what the history has."""
    life = lives()
    at = life.clock.advance(1.0)
    for seq in (1, 2):
        packet = RawPacket(D, 1, seq, at.utc, 0, b"Sensor:ADC1=%d,ADC2=1" % seq, None)
        life.storage.inbox.put([packet], seq, life.stored.append)
        life.engine.post(SensorReading(D, at, seq, 1))
        life.engine.step()
        life.history.flush()
    life.storage.telemetry.step()
    assert not smoke(lives.folder)
    life.storage.evidence.step()
    life.storage.telemetry.step()
    assert smoke(lives.folder) == {1: 1, 2: 1}


def smoke(folder):
    """Stored ADC1 values, with their count."""
    rows = read_all(folder / TELEMETRY_FILE, "SELECT * FROM readings WHERE channel = 'smoke'")
    return Counter(
        int(value)
        for row in rows
        for value in decode("smoke", row["start_utc"], row["samples"])[1].tolist()
    )


def frame(celsius):
    words = centi27_words(np.full((24, 32), celsius), np.random.default_rng(1))
    return b"frame17:" + words_to_hex(words).encode()


def test_a_packet_that_was_acknowledged_just_before_a_kill_is_judged(lives):
    at = lives().receive(BURNING)
    again = lives()
    again.play()
    (reading,) = again.judged
    assert (reading.device, reading.flame, reading.at.utc) == (D, True, at.utc)
    assert reading.at.mono == again.clock.mono() - 5.0


def test_its_alarm_is_raised(lives):
    lives().receive(BURNING)
    again, reports = lives(), []
    site = risk_site(Settings(devices=(Device(id="d1", name="Head"),)))
    Risk(again.engine, site, reports.append, {D: Idle(7.0, 32.0)}, lambda *_: None)
    again.play()
    assert reports[-1].cause is Cause.ACTIVE


def test_a_packet_older_than_a_minute_is_not_judged_but_kept(lives):
    first = lives()
    first.receive(BURNING)
    first.clock.advance(60.0)
    again = lives()
    assert again.play() == 1
    again.commit()
    assert (again.judged, smoke(lives.folder)) == ([], Counter({287: 1}))


def test_packets_are_judged_in_the_order_of_their_arrival(lives):
    first = lives()
    for number in range(5):
        first.receive(b"Sensor:ADC1=%d" % number, 1.0)
    again = lives()
    again.play()
    assert [reading.adc1 for reading in again.judged] == [0, 1, 2, 3, 4]


def test_what_the_history_has_is_judged_but_not_kept_again(lives):
    first = lives()
    for number in range(5):
        first.live(number)
    first.history.flush()
    first.commit()
    again = lives()
    again.play()
    again.history.flush()
    again.commit()
    assert len(again.judged) == 5
    assert smoke(lives.folder) == Counter(range(5))


def test_what_a_kill_took_from_the_history_is_kept_once(lives):
    first = lives()
    for number in range(150):  # a chunk of 100 is handed over
        first.live(number, 0.1)
    first.commit()
    again = lives()
    again.play()
    again.commit()
    assert smoke(lives.folder) == Counter(range(150))


def test_kills_in_the_middle_of_playing_leave_nothing_twice(lives):
    first = lives()
    for number in range(30):
        first.live(number)
    first.history.flush()
    first.storage.telemetry.step()
    for number in range(30, 60):
        first.live(number)
    for _ in range(3):
        lives().play()  # and killed before the disk had it
    again = lives()
    again.play()
    again.commit()
    lives().play()
    last = lives()
    last.play()
    last.commit()
    assert smoke(lives.folder) == Counter(range(60))


def test_packets_of_one_read_share_a_time_and_are_all_kept(lives):
    first = lives()
    for number in range(130):
        first.live(number, 0.0)
    first.commit()
    again = lives()
    again.play()
    again.commit()
    assert smoke(lives.folder) == Counter(range(130))


def test_a_packet_is_kept_at_the_time_when_the_device_measured_it(lives):
    first = lives()
    made = first.clock.now().utc - 3.25
    first.receive(b"Sensor:ADC1=7", made=made)
    again = lives()
    again.play()
    again.commit()
    third = lives()
    third.play()
    third.commit()
    rows = read_all(lives.folder / TELEMETRY_FILE, "SELECT * FROM readings")
    assert [row["start_utc"] for row in rows] == [made]


def test_frames_are_judged_and_kept_once_as_received(lives):
    first = lives()
    for celsius in (30.0, 40.0, 50.0):
        first.receive(frame(celsius), 4.0)
    again = lives()
    again.play()
    again.commit()
    assert [round(value.max_celsius) for value in again.judged] == [30, 40, 50]
    third = lives()
    third.play()
    third.commit()
    known = stored_times(lives.folder / TELEMETRY_FILE, D, 0.0)
    assert (len(known.figures), len(known.words)) == (3, 3)


def test_a_frame_whose_figures_alone_reached_the_disk_gets_its_words(lives):
    first = lives()
    at = first.receive(frame(30.0))
    again = lives()
    again.play()
    (value,) = again.judged
    again.kill()
    other = lives()
    other.history.take_figures(value)
    other.history.flush()
    other.commit()
    last = lives()
    last.play()
    last.commit()
    known = stored_times(lives.folder / TELEMETRY_FILE, D, at.utc - 1.0)
    assert (len(known.figures), len(known.words)) == (1, 1)


def test_bodies_without_a_measurement_are_passed_over(lives):
    first = lives()
    for body in (b"locid:cam01", b"\xff\xfe", b"", b"frame:00", b"EEPROM1:00", b"Sensor:ADC1=4096"):
        first.receive(body)
    again = lives()
    assert again.play() == 0


def test_a_packet_from_before_the_wall_clock_was_set_back_is_judged_as_of_now(lives):
    first = lives()
    first.clock.jump_wall(86_400.0)
    first.receive(BURNING)
    first.clock.jump_wall(-86_400.0)
    again = lives()
    again.play()
    (reading,) = again.judged
    assert reading.at.mono == again.clock.mono()


def test_packets_stay_ten_minutes_although_the_history_has_them(lives):
    life = lives()
    life.live(1)
    life.history.flush()
    life.commit()
    life.engine.step()
    life.clock.advance(590.0)
    assert _left_after_pruning(life) == 1
    life.live(2, 20.0)
    life.history.flush()
    life.commit()
    life.engine.step()
    assert _left_after_pruning(life) == 1


def test_packets_that_the_history_lacks_stay_for_an_hour(lives):
    life = lives()
    life.receive(BURNING)
    life.clock.advance(3_590.0)
    assert _left_after_pruning(life) == 1
    life.clock.advance(20.0)
    assert _left_after_pruning(life) == 0


def test_on_a_nearly_full_disk_packets_stay_a_minute(lives):
    life = lives()
    life.storage.inbox._reserve = 2**62
    life.receive(BURNING)
    life.clock.advance(50.0)
    assert _left_after_pruning(life) == 1
    life.clock.advance(20.0)
    assert _left_after_pruning(life) == 0


def _left_after_pruning(life):
    life.arrears.prune()
    life.commit()
    return len(life.storage.inbox.packets(D))


def test_a_damaged_history_does_not_keep_the_program_from_starting(lives, caplog):
    first = lives()
    first.receive(BURNING)
    again = lives()
    again.kill()
    (lives.folder / TELEMETRY_FILE).write_bytes(b"no database" * 100)
    assert again.play() == 0
    assert "cannot be looked through" in caplog.text


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 20), max_size=40),
    st.lists(st.integers(0, 20), max_size=40),
)
def test_absent_counts_equal_times(rows, stored):
    times = np.array(rows, float) / 10 + 1_700_000_000.0
    known = np.sort(np.array(stored, float) / 10 + 1_700_000_000.0) + 1e-6
    missing = Counter(np.array(rows, int)[absent(times, known)].tolist())
    assert missing == Counter(rows) - Counter(stored)
