"""The self-test through the real program: its own socket, its detectors, its database."""

from pathlib import Path

import pytest
from waiting import until

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import AlarmState
from embereye.model.daily_test import Chain, DailyTestAsked, Outcome, SelfTestRun, Stage
from embereye.model.messages import AlarmChanged
from embereye.rules.kpi import figures
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.resources import resource
from embereye.runtime.worker import PlainThreads
from embereye.storage.alarm_statistics import alarm_log
from embereye.storage.daily_tests import last_self_test
from embereye.storage.database import EVIDENCE_FILE

_MOST = 90.0  # s; detectors start in 3 s, on a loaded machine in more


@pytest.fixture
def program(tmp_path: Path) -> Program:
    clips = resource("demo")
    store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
    quiet = str(clips / "hall_3_press_line_steam.mp4")
    changes = {
        "cameras": (Camera(id="c1", name="Press line", source=quiet),),
        "sensors": Sensors(port=0),
        "detection": Detection(processes=1),
    }
    store.save(changes, 0)
    site = Site(tmp_path, store, FileSecrets(tmp_path), PlainThreads(), SystemClock(), (clips,))
    return Program(site)


def test_every_chain_is_proved_and_nothing_of_it_is_left(program: Program, tmp_path: Path) -> None:
    told: Mailbox[AlarmChanged] = Mailbox(1000, Full.GROW)
    program.bus.subscribe(told, AlarmChanged)
    program.start()
    try:
        until("listener", program.devices.server.listening.is_set, most=_MOST)
        program.engine.post(DailyTestAsked("anna"))
        tests = program.desk.self_tests
        until("self-test", lambda: tests().last is not None and tests().running is None, most=_MOST)
        run = tests().last
        assert run is not None
        assert _outcomes(run) == {
            Chain.SENSOR: Outcome.OK,
            Chain.VISION: Outcome.OK,
            Chain.STORAGE: Outcome.OK,
            Chain.NOTICES: Outcome.NOT_APPLICABLE,
        }
        assert _seconds(run, Stage.RECEIVED) < 5.0
        until("end of the overlays", lambda: not program.desk.alarms().overlays, most=_MOST)
        assert program.desk.alarms().alarms == ()
        assert program.desk.devices().devices == ()
        assert program.desk.incidents().incidents == ()
    finally:
        program.stop()
    changes = told.take_all(0.0)
    assert {change.alarm.state for change in changes} >= {AlarmState.NORMAL, AlarmState.LATCHED}
    assert not any(change.announced for change in changes), "it goes out as no alarm"
    assert last_self_test(tmp_path) == run
    log = alarm_log(tmp_path / EVIDENCE_FILE, run.began_utc - 60.0, run.ended_utc + 60.0)
    counted = figures(log)
    assert (counted.announced, counted.acknowledged, counted.stale) == (0, 0, ())


def _outcomes(run: SelfTestRun) -> dict[Chain, Outcome]:
    return {result.chain: result.outcome for result in run.chains}


def _seconds(run: SelfTestRun, wanted: Stage) -> float:
    found = [s.seconds for result in run.chains for s in result.stages if s.stage is wanted]
    return found[0] if found and found[0] is not None else float("inf")
