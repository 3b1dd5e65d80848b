"""The form of the language model, and its row on the health page."""

from collections.abc import Iterator

import pytest
from consoles import FakeConsole
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from embereye.config.schema import Incidents, LanguageModel, Settings
from embereye.model.incident import LlmCondition, LlmState
from embereye.model.incident_messages import EditLanguageModelAsked
from embereye.ui.bridge import Bridge
from embereye.ui.health_page import HealthPage
from embereye.ui.llm_form import LlmForm
from embereye.ui.main_window import MainWindow
from embereye.ui.theme import Tokens


@pytest.fixture
def form(console: FakeConsole, bridge: Bridge, colours: Tokens, qtbot: QtBot) -> Iterator[LlmForm]:
    window = QWidget()
    qtbot.addWidget(window)  # closes the form too, unless it closed itself
    form = LlmForm(console, bridge, window)
    form.show()
    yield form
    window.close()


def _type(form: LlmForm, name: str, text: str) -> None:
    editor = form.basic.editor(name)
    assert isinstance(editor, QLineEdit)
    editor.setText(text)
    editor.textEdited.emit(text)


def test_what_was_changed_is_asked_for_with_its_key(form, console):
    _type(form, "url", "https://ai-host:8091")
    form.key.edit.setText("n0t-shown")
    form.save()
    (asked,) = console.asked
    assert isinstance(asked, EditLanguageModelAsked)
    assert (asked.values, asked.key) == ({"url": "https://ai-host:8091"}, "n0t-shown")


def test_without_a_change_nothing_is_asked_for(form, console):
    form.save()
    assert console.asked == []


def test_a_wrong_value_is_told_at_its_field(form, console):
    _type(form, "read_timeout", "5")
    form.save()
    assert console.asked == []
    assert "read_timeout" in form.error.text()


def test_plain_http_to_another_machine_is_warned_about_while_it_is_typed(form):
    _type(form, "url", "http://ai-host:8091")
    assert "readable" in form.remark.text()
    _type(form, "url", "http://127.0.0.1:8091")
    assert form.remark.text() == ""


def test_a_saved_form_closes_itself(form, console, qtbot):
    _type(form, "url", "https://ai-host:8091")
    with qtbot.waitSignal(form.accepted):
        form.save()
        section = LanguageModel(url="https://ai-host:8091")
        console.configured = Settings(revision=1, incidents=Incidents(language_model=section))


def test_the_page_of_incidents_opens_it(window: MainWindow, qtbot: QtBot) -> None:
    window.pages.incidents.model_button.click()
    (form,) = window.pages.findChildren(LlmForm)
    assert form.isVisible()
    form.close()


@pytest.mark.parametrize(
    ("state", "good", "text"),
    [
        (LlmState(LlmCondition.WORKING, place="h:1", waiting=2), True, "h:1 is working. 2 incid"),
        (LlmState(LlmCondition.UNUSABLE, "It is away. Start it.", place="h:1"), False, "It is aw"),
    ],
)
def test_its_health_is_a_row_of_the_health_page(console, colours, qtbot, state, good, text):
    console.llm = state
    page = HealthPage(console, colours)
    qtbot.addWidget(page)
    page.refresh()
    rows = [page.model.row(n) for n in range(page.model.rowCount())]
    (row,) = [r for r in rows if r is not None and r.subject == "Language model"]
    assert (row.good, row.text.startswith(text)) == (good, True)


def test_switched_off_it_has_none(console, colours, qtbot):
    page = HealthPage(console, colours)
    qtbot.addWidget(page)
    page.refresh()
    rows = [page.model.row(n) for n in range(page.model.rowCount())]
    assert all(row is not None and row.subject != "Language model" for row in rows)
