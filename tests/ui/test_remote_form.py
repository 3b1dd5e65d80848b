"""The form of the remote detector, and its row on the health page."""

from collections.abc import Iterator

import pytest
from consoles import FakeConsole
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from embereye.config.schema import Detection, RemoteDetector, Settings
from embereye.model.remote import EditRemoteDetectorAsked, RemoteCondition, RemoteState
from embereye.services.remote_configuration import changed_remote
from embereye.ui.bridge import Bridge
from embereye.ui.health_page import HealthPage
from embereye.ui.main_window import MainWindow
from embereye.ui.remote_form import RemoteForm
from embereye.ui.theme import Tokens

WORKING = RemoteState(
    RemoteCondition.WORKING,
    place="10.1.2.3:8090",
    device="cuda:0",
    cameras=2,
    answered=100,
    half=0.12,
    most=0.3,
)


@pytest.fixture
def form(
    console: FakeConsole, bridge: Bridge, colours: Tokens, qtbot: QtBot
) -> Iterator[RemoteForm]:
    window = QWidget()
    qtbot.addWidget(window)  # closes the form too, unless it closed itself
    form = RemoteForm(console, bridge, window)
    form.show()
    yield form
    window.close()


def _type(form: RemoteForm, name: str, text: str) -> None:
    part = form.basic if name in ("url", "period") else form.times
    editor = part.editor(name)
    assert isinstance(editor, QLineEdit)
    editor.setText(text)
    editor.textEdited.emit(text)


def test_what_was_changed_is_asked_for_with_its_key(form, console):
    _type(form, "url", "https://ai-host:8090")
    form.key.setText("n0t-shown")
    form.save()
    (asked,) = console.asked
    assert isinstance(asked, EditRemoteDetectorAsked)
    assert (asked.values, asked.key) == ({"url": "https://ai-host:8090"}, "n0t-shown")


def test_without_a_change_nothing_is_asked_for(form, console):
    form.save()
    assert console.asked == []
    assert not form.isVisible()


def test_a_key_is_taken_away_by_a_tick(form, console):
    form.key.setText("typed")
    form.no_key.setChecked(True)
    form.save()
    assert console.asked[0].key == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [("url", "http://user:pw@ai-host"), ("read_timeout", "301"), ("period", "often")],
)
def test_wrong_values_are_told_and_not_sent(form, console, name, text):
    _type(form, name, text)
    form.save()
    assert console.asked == []
    assert form.error.text().startswith(name)


def test_a_key_that_cannot_be_sent_is_told(form, console):
    form.key.setText("two words")
    form.save()
    assert console.asked == []
    assert "API key" in form.error.text()


def test_the_slow_host_has_longer_waiting_times_and_the_usual_ones_come_back(form, console):
    form.slow_host()
    form.save()
    section = changed_remote(RemoteDetector(), console.asked[0].values)
    times = (section.connect_timeout, section.health_timeout, section.read_timeout)
    assert times == (30.0, 15.0, 180.0)
    form.usual()
    assert form.times.changes() == {}


def test_plain_http_to_another_machine_is_remarked_while_it_is_typed(form):
    assert not form.remark.isVisible()
    _type(form, "url", "http://10.1.2.3:8090")
    assert "plain http" in form.remark.text()
    _type(form, "url", "https://10.1.2.3:8090")
    assert not form.remark.isVisible()


def test_it_closes_when_the_change_is_in_force(form, console, qtbot):
    form.key.setText("n0t-shown")
    _type(form, "period", "2")
    form.save()
    section = changed_remote(RemoteDetector(), console.asked[0].values)
    with qtbot.waitSignal(form.accepted, timeout=5_000):
        console.configured = Settings(revision=1, detection=Detection(remote=section))


def _rows(console: FakeConsole, colours: Tokens, qtbot: QtBot) -> dict[str, tuple[bool, str]]:
    page = HealthPage(console, colours)
    qtbot.addWidget(page)
    page.refresh()
    found = [page.model.row(number) for number in range(page.model.rowCount())]
    return {check.subject: (check.good, check.text) for check in found if check is not None}


def test_health_tells_how_it_stands(console, colours, qtbot):
    console.remote = WORKING
    good, text = _rows(console, colours, qtbot)["Remote detector"]
    assert good
    assert text == (
        "10.1.2.3:8090 on cuda:0 is working, cameras: 2. Half of the pictures are answered within "
        "0.12 s, most within 0.30 s."
    )


@pytest.mark.parametrize(("cameras", "good"), [(1, False), (0, True)])
def test_an_unusable_one_is_a_fault_where_cameras_name_it(console, colours, qtbot, cameras, good):
    console.remote = RemoteState(
        RemoteCondition.UNUSABLE, "It cannot be reached.", cameras=cameras, place="ai:1"
    )
    found = _rows(console, colours, qtbot)["Remote detector"]
    assert found[0] is good
    assert found[1].startswith("It cannot be reached.")


def test_one_that_is_switched_off_has_no_row(console, colours, qtbot):
    assert "Remote detector" not in _rows(console, colours, qtbot)


def test_the_health_page_opens_its_settings_once(window: MainWindow):
    for _ in range(2):
        window.pages.health.remote_asked.emit()
    forms = window.findChildren(RemoteForm)
    assert [form.isVisible() for form in forms] == [True]
    forms[0].close()
