"""The page of alarms in the real program: what is asked is done, stored and shown."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import PlaceId
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.ui import style
from embereye.ui.alarms_page import AlarmsPage
from embereye.ui.bridge import Bridge, BridgeWorker
from embereye.ui.demands import Demands
from embereye.ui.wishes import Wishes

KEY = AlarmKey(PlaceId("boiler"), AlarmKind.INTRUSION, "zone1")


class _Verdict:
    """Lets the engine's thread report what rules would."""

    def __init__(self, cause: Cause) -> None:
        self.cause = cause


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
    store.save({"sensors": Sensors(enabled=False)}, 0)
    site = Site(tmp_path, store, FileSecrets(tmp_path), PlainThreads(), SystemClock())
    made = Program(site)
    reasons = ("person in zone “press”",)

    def report(verdict: _Verdict) -> None:
        now = made.engine.clock.now()
        alarm = Report(KEY, verdict.cause, Priority.MEDIUM, reasons, now, "Boiler house 2")
        made.alarms.report(alarm)

    made.engine.on(_Verdict, report)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(program: Program, qtbot: object) -> Iterator[AlarmsPage]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    colours = style.dress(app, "dark")
    bridge = Bridge(program.bus)
    program.supervise("bridge", BridgeWorker(bridge))
    desk = program.desk
    made = AlarmsPage(desk, Demands(desk, 25.0), colours, Wishes(desk))
    bridge.refused.connect(made.show_refusal)
    made.resize(1856, 900)
    made.show()
    yield made
    program.dismiss("bridge")
    bridge.close()
    made.close()
    made.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait(qtbot: object, done: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(done()), timeout=10_000)  # type: ignore[attr-defined]


def test_an_alarm_is_commented_assigned_shelved_closed_and_found_again(
    page: AlarmsPage, program: Program, qtbot: object
) -> None:
    def until(done: Callable[[], object]) -> None:
        wait(qtbot, done)

    wishes = page.actions_on._wishes
    program.engine.post(_Verdict(Cause.ACTIVE))
    until(lambda: page.active.model.alarms)
    page.select(page.active.model.alarms[0].id)

    wishes.comment(page.active.chosen(), "The gate sticks.\nשלום")
    wishes.assign_alarms(page.active.chosen(), "Bob")
    until(lambda: "The gate sticks.<br>" in page.detail.story.lines.text())
    until(lambda: page.selection() is not None and page.selection().assigned_to == "Bob")

    wishes.shelve(page.active.chosen(), 3600.0, "hot work")
    until(lambda: not page.active.model.alarms)
    page.tabs.setCurrentIndex(1)
    until(lambda: page.shelved.alarms())
    page.shelved.table.choose(0)
    assert "hot work" in page.detail._marks.text()
    wishes.end_overlay(page.shelved.alarms()[0].overlay)
    until(lambda: page.active.model.rowCount() or not page.shelved.alarms())

    page.tabs.setCurrentIndex(0)
    until(lambda: page.active.model.alarms)
    wishes.acknowledge(page.active.model.alarms)
    program.engine.post(_Verdict(Cause.CLEAR))
    until(lambda: not page.active.model.rowCount())
    page.tabs.setCurrentIndex(2)
    until(lambda: page.history.model.rowCount() == 1)
    page.history.table.choose(0)
    told = ("Raised", "Comment", "Assigned", "Shelved", "Shelving ended", "Acknowledged")
    until(lambda: all(word in page.detail.story.lines.text() for word in told))


def test_a_refusal_of_the_engine_is_told_beside_the_buttons(
    page: AlarmsPage, program: Program, qtbot: object
) -> None:
    program.engine.post(_Verdict(Cause.ACTIVE))
    wait(qtbot, lambda: page.active.model.alarms)
    page.actions_on._wishes.comment(page.active.model.alarms, "x" * 10_001)
    wait(qtbot, page.detail.notice.isVisible)
    assert "10" in page.detail.notice.text()
