"""When the record has holes."""

import pytest
from fakes import FakeClock

from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import PlaceId
from embereye.model.messages import WorkerFailed
from embereye.runtime.engine import Engine
from embereye.services.backtest_gaps import gaps
from embereye.services.input_codec import message_text
from embereye.services.system_faults import SystemFaults
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.opening import open_storage
from embereye.storage.verdicts import RecordedInput

NOW = FakeClock().now().utc


def stored(folder, *rows):
    storage = open_storage(folder, FakeClock(), lambda _: None, reserve=0)
    storage.verdicts.save_inputs([RecordedInput(NOW + at, kind, text) for at, kind, text in rows])
    for writer in (storage.evidence, storage.telemetry):
        writer.step()
        writer._close()
    return folder / TELEMETRY_FILE


def spans(path, since, until):
    found = gaps(path, NOW + since, NOW + until)
    return [(round(gap.since_utc - NOW), round(gap.until_utc - NOW), gap.text) for gap in found]


def lives(first, last):
    return [(float(at), "alive", "1") for at in range(first, last, 60)]


def test_a_running_program_has_no_gaps(tmp_path):
    path = stored(tmp_path, (0.0, "start", "{}"), *lives(60, 600))
    assert spans(path, 10.0, 600.0) == []


def test_a_record_whose_beginning_was_removed_is_no_gap_where_it_goes_on(tmp_path):
    path = stored(tmp_path, *lives(0, 600))
    assert spans(path, 30.0, 590.0) == []
    assert [span[:2] for span in spans(path, -300.0, 590.0)] == [(-300, 0)]


@pytest.mark.parametrize(
    ("stop", "text"), [((90.0, "stop", ""), "did not run"), ((90.0, "alive", "1"), "a stop")]
)
def test_between_two_runs_nothing_is_known(tmp_path, stop, text):
    path = stored(tmp_path, (0.0, "start", "{}"), stop, (400.0, "start", "{}"))
    ((since, until, told),) = spans(path, 10.0, 430.0)
    assert (since, until) == (90, 400)
    assert text in told


def test_what_the_disk_did_not_take_is_a_gap(tmp_path):
    reports = []
    engine = Engine(FakeClock())
    SystemFaults(engine, reports.append)
    for recovered in (False, True):
        failed = WorkerFailed("history storage", "The disk is full.", recovered, FakeClock().now())
        engine.post(failed)
    engine.step()
    other = AlarmKey(PlaceId("system"), AlarmKind.SYSTEM_FAULT, "sound")
    sound = Report(other, Cause.ACTIVE, Priority.DIAGNOSTIC, (), FakeClock().now())
    rows = [
        (100.0, "Report", message_text(reports[0])),
        (150.0, "Report", message_text(sound)),
        (160.0, "Report", message_text(reports[1])),
    ]
    path = stored(tmp_path, (0.0, "start", "{}"), *lives(60, 300), *rows)
    ((since, until, told),) = spans(path, 10.0, 300.0)
    assert (since, until) == (100, 160)
    assert "disk" in told
