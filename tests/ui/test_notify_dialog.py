"""The dialog of notifications and the form of a target: what is shown, and what is asked for."""

from collections.abc import Iterator

import pytest
from consoles import FakeConsole
from dialog_parts import answer
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embereye.config.notify_options import EmailTarget, Notifications, RelayTarget, WebhookTarget
from embereye.config.schema import Settings
from embereye.model.messages import RequestRefused
from embereye.model.notice import (
    BlockRelaysAsked,
    EditTargetAsked,
    NoticeTable,
    RemoveTargetAsked,
    SendTestAsked,
    TargetFigures,
    TargetKind,
    TargetState,
    TestOutcome,
)
from embereye.ui.bridge import Bridge
from embereye.ui.health_page import HealthPage
from embereye.ui.notify_dialog import NotifyDialog
from embereye.ui.notify_form import TargetForm
from embereye.ui.theme import Tokens

MAIL = EmailTarget(
    id="guard", name="Guard", host="mail.example", sender="c@example.com",
    recipients=("a@example.com",),
)  # fmt: skip
RELAY = RelayTarget(id="siren", name="Siren", port="COM3")
HOOK = WebhookTarget(id="scada", name="SCADA", url="https://scada.example/x")
FAILING = TargetState(
    "guard", TargetKind.EMAIL, "Guard", True, TargetFigures(12, 1.7e9, None), "It hangs.", True
)
ARMED = TargetState("siren", TargetKind.RELAY, "Siren", True)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    window = QWidget()
    qtbot.addWidget(window)
    yield window
    window.close()


@pytest.fixture
def dialog(console: FakeConsole, bridge: Bridge, colours: Tokens, window: QWidget) -> NotifyDialog:
    section = Notifications(emails=(MAIL,), webhooks=(HOOK,), relays=(RELAY,))
    console.configured = Settings(notifications=section)
    console.notice_table = NoticeTable((FAILING, ARMED))
    made = NotifyDialog(console, bridge, colours, window)
    made.show()
    return made


@pytest.fixture
def form_of(console: FakeConsole, bridge: Bridge, window: QWidget):
    def make(kind: TargetKind, target: object = None) -> TargetForm:
        if target is not None:
            names = {"e-mail": "emails", "webhook": "webhooks", "relay": "relays"}
            section = Notifications(**{names[kind.value]: (target,)})
            console.configured = Settings(notifications=section)
        form = TargetForm(console, bridge, kind, target, window)
        form.show()
        return form

    return make


def _type(form: TargetForm, name: str, text: str) -> None:
    editor = form.basic.editor(name)
    assert isinstance(editor, QLineEdit)
    editor.setText(text)


def test_trouble_is_told_in_words_beside_what_waits(dialog):
    assert dialog.model.row(0).figures.pending == 12
    assert "It hangs." in dialog.trouble.text()
    assert dialog.trouble.isVisible()
    dialog.table.setCurrentIndex(dialog.model.index(1, 0))
    assert not dialog.trouble.isVisible()


def test_a_test_is_asked_for_and_its_outcome_is_shown(dialog, console):
    dialog.test_button.click()
    assert console.asked == [SendTestAsked("guard", "operator")]
    done = TestOutcome(False, "It does not answer.", 1.7e9)
    console.notice_table = NoticeTable(
        (TargetState("guard", TargetKind.EMAIL, "Guard", True, test=done), ARMED)
    )
    dialog.refresh()
    assert "It does not answer." in dialog.outcome.text()


def test_all_relays_are_blocked_with_one_key_press_and_let_go_again(dialog, console):
    dialog.block_button.click()
    console.notice_table = NoticeTable((FAILING, ARMED), relays_blocked=True)
    dialog.refresh()
    assert dialog.block_button.text() == "Let relays work"
    dialog.block_button.click()
    assert console.asked == [
        BlockRelaysAsked(True, "operator"),
        BlockRelaysAsked(False, "operator"),
    ]


def test_a_relay_is_armed_and_disarmed(dialog, console):
    dialog.table.setCurrentIndex(dialog.model.index(1, 0))
    assert dialog.arm_button.isVisible()
    dialog.arm_button.click()
    (asked,) = console.asked
    assert (asked.kind, asked.target, asked.values) == (
        TargetKind.RELAY,
        "siren",
        {"armed": False},
    )


def test_a_target_is_removed_after_a_question_only(dialog, console):
    dialog.remove_button.click()
    assert console.asked == []
    answer(dialog, yes=True)
    assert console.asked == [RemoveTargetAsked("guard", "operator")]


def test_a_refusal_is_shown(dialog, bridge):
    bridge.refused.emit(RequestRefused("You may not.", "operator", "notifications:guard"))
    dialog.refresh()
    assert dialog.outcome.text() == "You may not."


def test_every_button_and_field_has_a_name(dialog, form_of):
    forms = [form_of(kind) for kind in TargetKind]
    for widget in (dialog, *forms):
        assert all(button.text() for button in widget.findChildren(QPushButton))
    for form in forms:
        for field in form.findChildren(QLineEdit):
            assert field.accessibleName() or not field.isVisible()


def test_a_new_target_is_asked_for_with_its_lists_and_secret(form_of, console):
    form = form_of(TargetKind.EMAIL)
    form.name.setText("guard")
    for name, text in {
        "name": "Guard",
        "host": "mail.example",
        "sender": "c@example.com",
        "recipients": "a@example.com, b@example.com",
    }.items():
        _type(form, name, text)
    form.events.choose(["announced"])
    form.secret.setText("n0t-shown")
    form.save()
    (asked,) = console.asked
    assert isinstance(asked, EditTargetAsked)
    assert asked.added
    assert asked.values == {
        "name": "Guard",
        "host": "mail.example",
        "sender": "c@example.com",
        "recipients": ("a@example.com", "b@example.com"),
        "occasion.events": ("announced",),
    }
    assert (asked.secret, asked.token) == ("n0t-shown", None)


@pytest.mark.parametrize(
    ("kind", "target"),
    [(TargetKind.EMAIL, MAIL), (TargetKind.WEBHOOK, HOOK), (TargetKind.RELAY, RELAY)],
)
def test_without_a_change_nothing_is_asked_for(form_of, console, kind, target):
    form = form_of(kind, target)
    form.save()
    assert console.asked == []
    assert not form.isVisible()


def test_a_wrong_field_is_told_under_it_and_nothing_is_asked_for(form_of, console):
    form = form_of(TargetKind.EMAIL, MAIL)
    _type(form, "recipients", "nobody")
    form.body.setPlainText("$password")
    form.save()
    assert console.asked == []
    assert "nobody" in form.error.text()
    assert "$password" in form.error.text()


def test_the_usual_text_is_not_written_into_the_settings(form_of, console):
    form = form_of(TargetKind.EMAIL, MAIL)
    assert "$reasons" in form.body.toPlainText()
    form.body.setPlainText("$place burns")
    form.save()
    assert console.asked[0].values == {"body": "$place burns"}


def test_the_form_closes_when_the_change_is_in_force(form_of, console, qtbot):
    form = form_of(TargetKind.RELAY, RELAY)
    _type(form, "port", "COM4")
    form.save()
    section = Notifications(relays=(RELAY.model_copy(update={"port": "COM4"}),))
    with qtbot.waitSignal(form.accepted):
        console.configured = Settings(notifications=section, revision=1)


def test_a_failing_target_is_a_fault_on_the_health_page(console, colours, qtbot):
    page = HealthPage(console, colours)
    qtbot.addWidget(page)
    console.notice_table = NoticeTable((FAILING,))
    page.refresh()
    rows = [page.model.row(n) for n in range(page.model.rowCount())]
    (row,) = [row for row in rows if row.subject == "Notifications"]
    assert not row.good
    assert "It hangs." in row.text
