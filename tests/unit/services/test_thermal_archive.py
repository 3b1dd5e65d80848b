"""Stored frames come back as temperatures, with the calibration and emissivity of today."""

import dataclasses
import threading

import numpy as np
import pytest
from storage_parts import AT, action, alarm, opened, running

from embereye.config.schema import Device
from embereye.ingest.simulate_thermal import SimulatedImager, room_with_spot
from embereye.model.ids import DeviceId
from embereye.model.past import ReelAsked, SpanAsked
from embereye.model.reading import Profile
from embereye.services.thermal_archive import ThermalArchive
from embereye.storage.database import TELEMETRY_FILE, open_writer
from embereye.storage.readings import FrameFacts, frame_chunks
from embereye.storage.thermal_chunks import FrameRun

D = DeviceId("d1")
_IMAGER = SimulatedImager(1)
_PERIOD = 4.0


class Site:
    """Settings and what was learned, as `app` hands them in."""

    def __init__(self, folder):
        self.storage = opened(folder)
        self.settings = Device(id="d1", name="Boiler")
        self.archive = ThermalArchive(
            folder, lambda device: self.settings, self.storage.devices.load
        )

    def calibrate(self, words):
        with running(self.storage.evidence):
            self.storage.devices.seen(D, AT, Profile.MLX90640, "")
            self.storage.devices.save_calibration(D, words, AT)

    def store(self, *runs):
        with running(self.storage.telemetry):
            for one in runs:
                self.storage.readings.save_frames(one)

    def reel(self, start):
        return self.archive.answer(ReelAsked(D, AT.utc + start))


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def run(start, count=15, peak=180.0):
    scene = room_with_spot(25.0, peak, 10, 20, 2.0)
    frames = tuple(_IMAGER.frame(scene).astype(">u2").tobytes() for _ in range(count))
    return FrameRun(D, tuple(AT.utc + start + _PERIOD * n for n in range(count)), frames)


def calibration():
    return _IMAGER.eeprom.astype(">u2").tobytes()


def test_a_reel_holds_the_frames_of_a_minute_in_degrees(site):
    site.calibrate(calibration())
    site.store(run(0), run(60), run(600))
    reel = site.reel(30)
    assert [f.at.utc - AT.utc for f in reel.frames] == pytest.approx(np.arange(32, 90, 4))
    assert all(f.max_celsius == pytest.approx(180, abs=4) for f in reel.frames)
    assert reel.frames[0].hottest == (10, 20)
    assert reel.earlier == pytest.approx(AT.utc + 28)
    assert reel.later == pytest.approx(AT.utc + 92)


def test_a_silence_knows_where_frames_are(site):
    site.store(run(0), run(600))
    reel = site.reel(300)
    assert reel.frames == ()
    assert reel.earlier == pytest.approx(AT.utc + 56)
    assert reel.later == pytest.approx(AT.utc + 600)
    assert site.reel(600).later is None


def test_another_emissivity_changes_what_was_recorded(site):
    site.calibrate(calibration())
    site.store(run(0))
    before = site.reel(0).frames[0].max_celsius
    site.settings = site.settings.model_copy(update={"emissivity": 0.6})
    assert site.reel(0).frames[0].max_celsius > before + 20


def test_without_calibration_the_picture_is_shown_without_degrees(site):
    site.store(run(0))
    frame = site.reel(0).frames[0]
    assert frame.celsius is None
    assert frame.relative.shape == (24, 32)


def test_a_damaged_calibration_does_not_hide_the_picture(site):
    site.calibrate(bytes(1664))
    site.store(run(0))
    assert len(site.reel(0).frames) == 15


def test_a_span_tells_extent_curve_and_alarms_of_that_device(site):
    facts = [FrameFacts(AT.later(_PERIOD * n), 20.0 + n, 1.0, 2.0, 3.0) for n in range(15)]
    with running(site.storage.telemetry, site.storage.evidence):
        site.storage.readings.save_chunks(frame_chunks(D, facts))
        for number, source in ((1, "device d1"), (2, "device d2"), (3, "camera d1")):
            one = dataclasses.replace(alarm(number), sources=(source, "camera c"))
            site.storage.alarms.save(one, action(one), lambda error: None)
    site.store(run(0))
    span = site.archive.answer(SpanAsked(D, AT.utc - 100, AT.utc + 100))
    assert span.extent == (AT.utc, AT.utc + 56)
    assert span.curve.values.tolist() == [20.0 + n for n in range(15)]
    assert [(mark.alarm, mark.utc - AT.utc) for mark in span.marks] == [(1, 1.0)]
    assert "91.2" in span.marks[0].text
    assert span.problem == ""


def test_a_device_without_history_has_no_extent(site):
    span = site.archive.answer(SpanAsked(D, AT.utc, AT.utc + 3600))
    assert (span.extent, span.marks, len(span.curve.utc)) == (None, (), 0)


def test_damage_is_told_and_nothing_is_shown(site, tmp_path):
    site.store(run(0))
    connection = open_writer(tmp_path / TELEMETRY_FILE, durable=False)
    connection.execute("UPDATE thermal_chunks SET body = zeroblob(900)")
    connection.close()
    reel = site.reel(0)
    assert reel.frames == ()
    assert "damaged" in reel.problem


def test_questions_are_answered_in_order_in_a_thread(site):
    site.store(run(0))
    answers, complete, stop = [], threading.Event(), threading.Event()

    def reply(answer):
        answers.append(answer)
        if len(answers) == 2:
            complete.set()

    asked = [SpanAsked(D, AT.utc, AT.utc + 60), ReelAsked(D, AT.utc)]
    for one in asked:
        site.archive.ask(one, reply)
    thread = threading.Thread(target=site.archive.run, args=(stop,))
    thread.start()
    assert complete.wait(10.0)
    stop.set()
    thread.join(5.0)
    assert [answer.asked for answer in answers] == asked
