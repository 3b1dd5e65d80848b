"""A supervisor writes a rule on its page, and the running program alarms by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeClock
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot
from waiting import until

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Place, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.alarm import AlarmKind
from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.rule_preview import Standing
from embereye.runtime.bus import Bus
from embereye.runtime.worker import PlainThreads
from embereye.ui.bridge import Bridge
from embereye.ui.rules_page import RulesPage
from embereye.ui.theme import DARK

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise")

_UTC = 1_768_500_000.0


@pytest.fixture
def program(tmp_path: Path) -> Iterator[tuple[Program, FakeClock]]:
    store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
    changes = {
        "places": (Place(id="yard", name="Yard"),),
        "cameras": (Camera(id="c1", name="North", source="rtsp://h/1", place="yard"),),
        "sensors": Sensors(enabled=False),
    }
    store.save(changes, store.current.revision)
    clock = FakeClock(utc=_UTC)
    secrets = FileSecrets(tmp_path)
    made = Program(Site(tmp_path, store, secrets, PlainThreads(), clock, safe_mode=True))
    made.start()
    yield made, clock
    made.stop()


def _see(program: Program, clock: FakeClock) -> None:
    """A person in five pictures, 8 a second."""
    for picture in range(5):
        person = Detection("person", 0.81, 160.0 + picture, 100.0, 40.0, 100.0)
        now = clock.advance(0.125)
        program.engine.post(
            DetectionResult(
                CameraId("c1"), 1, now, now, (person,), 0.0, 0.0, True, "m", 0.0, (640, 360)
            )
        )


def test_a_rule_that_is_saved_on_its_page_alarms(program, qtbot: QtBot) -> None:
    running, clock = program
    bridge = Bridge(Bus())
    page = RulesPage(running.desk, bridge, DARK)
    qtbot.addWidget(page)
    page.show()
    page.add_button.click()
    fields = page.editor.fields
    assert fields is not None
    name, place = (fields.head.cells.by_name[n].editor for n in ("name", "place"))
    assert isinstance(name, QLineEdit)
    assert isinstance(place, QComboBox)
    name.setText("Somebody")
    name.textEdited.emit("Somebody")
    place.setCurrentIndex(place.findData("yard"))
    place.activated.emit(place.currentIndex())
    assert page.editor.pane.model.row(0).state is Standing.UNKNOWN
    with qtbot.waitSignal(page.editor.closed, timeout=20_000):
        page.editor.save()
    until("rule in force", lambda: "somebody" in running.desk.rule_watch.site.known)
    _see(running, clock)
    until("alarm", lambda: bool(running.desk.alarms().alarms))
    (alarm,) = running.desk.alarms().alarms
    assert (alarm.key.kind, alarm.key.source) == (AlarmKind.RULE, "somebody")
    page.refresh()
    assert page.model.fields[3].text(page.model.row(0)) == "ALARM"
    bridge.close()
