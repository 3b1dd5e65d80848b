"""What is recorded for replays: everything that alarms depend on, and nothing else."""

import json

import pytest
from consoles import alarm
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_parts import SETTINGS, LiveSite, other_limits

from embereye.config.schema import Place, Settings
from embereye.model.alarm import AlarmKey, AlarmKind, AlarmTable, Cause, Priority, Report
from embereye.model.alarm_messages import CommentAsked, ShelveAsked
from embereye.model.detection import DetectionResult
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged, DeviceSeen
from embereye.model.reading import Profile, ThermalFrame
from embereye.rules.idle import Idle
from embereye.runtime.engine import Engine
from embereye.services import input_codec as codec
from embereye.services.input_codec import Beginning
from embereye.services.input_recording import InputRecording, Reports

GAS = AlarmKey(PlaceId("gate"), AlarmKind.GAS)
FAULT = AlarmKey(PlaceId("gate"), AlarmKind.DEVICE_FAULT, "pf")


class Sink:
    """Keeps what is handed over."""

    def __init__(self):
        self.runs, self.inputs, self.pruned = [], [], []

    def save_run(self, run):
        self.runs.append(run)

    def save_inputs(self, inputs):
        self.inputs += [one() if callable(one) else one for one in inputs]

    def prune(self, before):
        self.pruned.append(before)

    def kinds(self):
        return [one.kind for one in self.inputs]


class Recorder:
    def __init__(self, configured=SETTINGS, alarms=AlarmTable):
        self.clock, self.sink = FakeClock(), Sink()
        self.engine = Engine(self.clock)
        self.recording = InputRecording(self.engine, self.sink, lambda: configured, alarms, 2)

    def post(self, message):
        self.engine.post(message)
        self.engine.step()

    def later(self, seconds):
        self.clock.advance(seconds)
        self.engine.step()

    def look(self, camera="c1"):
        now = self.clock.now()
        self.post(
            DetectionResult(CameraId(camera), 1, now, now, (), 0.0, 0.0, False, "rules 1", 0.0)
        )


def test_each_look_is_kept_in_runs_of_half_a_minute():
    recorder = Recorder()
    for _ in range(80):
        recorder.look()
        recorder.later(0.5)
    assert sum(len(run.results) for run in recorder.sink.runs) >= 60
    assert all(run.camera == "c1" for run in recorder.sink.runs)
    recorder.recording.flush()
    assert sum(len(run.results) for run in recorder.sink.runs) == 80
    spans = [run.results[-1].at.utc - run.results[0].at.utc for run in recorder.sink.runs]
    assert max(spans) <= 31.0


def test_a_clock_that_is_set_back_begins_a_new_run():
    recorder = Recorder()
    recorder.look()
    recorder.clock.jump_wall(-3600.0)
    recorder.look()
    recorder.recording.flush()
    assert [len(run.results) for run in recorder.sink.runs] == [1, 1]


def test_a_run_begins_lives_and_stops():
    recorder = Recorder()
    recorder.recording.begin()
    for _ in range(2):
        recorder.later(61.0)
    recorder.recording.flush()
    assert recorder.sink.kinds() == ["start", "alive", "alive", "stop"]


def test_the_full_state_is_kept_now_and_then():
    recorder = Recorder()
    recorder.recording.learned = lambda: {DeviceId("pf"): Idle(3.0, None)}
    recorder.post(
        DeviceSeen(DeviceId("hot"), recorder.clock.now(), "10.0.0.9", Profile.CENTI27, False)
    )
    recorder.later(901.0)
    recorder.later(1.0)
    (row,) = [one for one in recorder.sink.inputs if one.kind == "state"]
    state = codec.beginning_of(row.text)
    assert state.idle == {"pf": Idle(3.0, None)}
    assert state.seen == {"hot": Profile.CENTI27}
    assert state.settings.devices == SETTINGS.devices


def test_the_full_state_is_written_down_outside_the_engine_as_it_was():
    """3,000 open alarms take 0.1 s to write down."""
    recorder = Recorder()
    kept = []
    recorder.sink.save_inputs = kept.extend
    recorder.recording.begin()
    recorder.post(
        DeviceSeen(DeviceId("hot"), recorder.clock.now(), "10.0.0.9", Profile.CENTI27, False)
    )
    (made,) = [one for one in kept if callable(one)]
    assert codec.beginning_of(made().text).seen == {}


def test_only_reports_of_faults_are_kept():
    recorder = Recorder()
    for key in (GAS, FAULT):
        now = recorder.clock.now()
        report = Report(key, Cause.ACTIVE, Priority.DIAGNOSTIC, ("words",), now, "Gate")
        recorder.recording.witness(report)
    recorder.later(1.0)
    (row,) = recorder.sink.inputs
    assert codec.message_of(row.kind, row.text).message.key == FAULT


def test_a_record_that_fails_costs_no_alarm():
    raised = []

    def fail(_report):
        raise RuntimeError("a bug")

    report = Report(FAULT, Cause.ACTIVE, Priority.DIAGNOSTIC, (), FakeClock().now())
    with pytest.raises(RuntimeError):
        Reports(fail, raised.append).report(report)
    assert raised == [report]


def test_a_request_names_the_key_of_its_alarm(tmp_path):
    site = LiveSite(tmp_path, SETTINGS, FakeClock())
    now = site.clock.now()
    site.reports.report(Report(GAS, Cause.ACTIVE, Priority.HIGH, ("CO",), now, "Gate"))
    site.turn()
    (alarm,) = site.alarms.current.alarms
    site.recording._sink = sink = Sink()
    site.post(AcknowledgeAsked(alarm.id, "ann"))
    site.post(CommentAsked(alarm.id, "call 555-1234", "ann"))
    site.pass_time(1.0)
    site.close()
    rows = [one for one in sink.inputs if one.kind.endswith("Asked")]
    noted = [codec.message_of(one.kind, one.text) for one in rows]
    assert [(one.key, one.message) for one in noted] == [(GAS, AcknowledgeAsked(alarm.id, "ann"))]
    assert not any("555" in one.text for one in sink.inputs)


def test_a_device_without_temperatures_is_noted_once():
    recorder = Recorder()
    frames = [
        ThermalFrame(DeviceId("hot"), recorder.clock.now(), Profile.MLX90640, celsius, None)
        for celsius in (None, None, "°C", "°C", None)
    ]
    for frame in frames:
        recorder.post(frame)
    recorder.later(1.0)
    noted = [codec.blind_of(one.text) for one in recorder.sink.inputs]
    assert noted == [("hot", True), ("hot", False), ("hot", True)]


def test_old_records_are_removed():
    recorder = Recorder()
    recorder.later(10.0)
    recorder.recording.keep_days(1)
    recorder.later(10.0)
    now = recorder.clock.now().utc
    assert recorder.sink.pruned == [now - 10.0 - 2 * 86_400.0, now - 86_400.0]


def test_settings_are_kept_without_addresses_and_telephones():
    site = SETTINGS.model_copy(
        update={"places": (Place(id="boiler", name="B", phones=("555-1234",), guidance="Run"),)}
    )
    text = codec.settings_text(site)
    assert not any(word in text for word in ("10.0.0.1", "rtsp", "555-1234", "Run"))
    back = codec.settings_of(text)
    assert (back.devices, back.rules, back.suppressions) == (
        site.devices,
        site.rules,
        site.suppressions,
    )
    assert [camera.zones for camera in back.cameras] == [camera.zones for camera in site.cameras]
    assert back.alarms == site.alarms


def test_other_limits_come_back():
    site = other_limits(SETTINGS, thermal_fire=123.0)
    assert codec.settings_of(codec.settings_text(site)).devices[0].limits.thermal_fire == 123.0


@pytest.mark.parametrize(
    "message",
    [
        AcknowledgeAsked(7, "ann"),
        ShelveAsked(7, 60.0, "steam \u202e and \x07", "ann"),
        Report(FAULT, Cause.CLEAR, Priority.DIAGNOSTIC, ("ü",), FakeClock().now(), "Gate"),
    ],
)
def test_messages_come_back(message):
    back = codec.message_of(type(message).__name__, codec.message_text(message, GAS))
    assert (back.message, back.key) == (message, GAS)


def test_an_announcement_with_an_unreadable_file_name_is_kept():
    clock = FakeClock()
    made = alarm(1, clock, place="gate\udcff", reasons=("\udcff.jpg cannot be read",))
    change = AlarmChanged(made, True, None, clock.now())
    text = codec.announcement_text(codec.announcement_of_change(change))
    assert codec.announcement_of(text).reasons == ("?.jpg cannot be read",)


def test_messages_of_later_versions_are_passed_over():
    assert codec.message_of("SingAsked", '{"body":{},"key":null}') is None


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=80)
def test_damaged_rows_are_told(text):
    for read in (codec.beginning_of, codec.settings_of, codec.announcement_of):
        try:
            read(text)
        except StorageError as error:
            assert "damaged" in str(error)  # noqa: PT017 - any other error fails


@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), st.lists, max_leaves=4))
@settings(deadline=None, max_examples=60)
def test_damaged_beginnings_are_told(value):
    whole = json.loads(codec.beginning_text(Beginning(1.0, Settings())))
    for name in whole:
        try:
            codec.beginning_of(json.dumps({**whole, name: value}))
        except StorageError as error:
            assert "damaged" in str(error)  # noqa: PT017 - any other error fails
