"""The list of devices: sorted, filtered, with everything that can be done with one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from consoles import FakeConsole, device, thermal
from dialog_parts import answer, choose, chooser, complaint, open_dialogs, pick, question
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embereye.config.schema import Device, DeviceLimits, Settings
from embereye.model.device_messages import (
    AcceptAsideAsked,
    AddDeviceAsked,
    CommandAsked,
    DeviceLogged,
    DeviceTested,
    Direction,
    EditDeviceAsked,
    EnableDeviceAsked,
    ImportDevicesAsked,
    RelearnAsked,
    RemoveDeviceAsked,
    StepOutcome,
    TestDeviceAsked,
    TestStep,
)
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.model.reading import DeviceState
from embereye.services import device_csv
from embereye.services.device_configuration import changed
from embereye.ui.bridge import Bridge
from embereye.ui.demands import Demands
from embereye.ui.device_actions import DeviceActions
from embereye.ui.device_form import DeviceForm
from embereye.ui.devices_page import DevicesPage
from embereye.ui.theme import Tokens

_BOILER = DeviceId("boiler")


@pytest.fixture
def page(
    console: FakeConsole, clock: FakeClock, colours: Tokens, bridge: Bridge, qtbot: object
) -> Iterator[DevicesPage]:
    console.configured = Settings(devices=(Device(id="boiler", name="Boiler"),))
    console.show_devices(
        device("boiler", clock, thermal=thermal("boiler", clock, 40.0), packets=99, corrupt=1),
        device("paint", clock, thermal=thermal("paint", clock, 80.0), verified=True, enrolled=True),
        device("yard", clock, state=DeviceState.DISABLED, note="sent another calibration memory"),
    )
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    actions = DeviceActions(console, bridge, Demands(console, 25.0), colours, window)
    made = DevicesPage(console, colours, actions)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.show()
    yield made
    window.close()


def _names(page: DevicesPage) -> list[str]:
    return [page.model.data(page.model.index(row, 0)) for row in range(page.model.rowCount())]


def _window(page: DevicesPage) -> QWidget:
    found = page.deeds.parent()
    assert isinstance(found, QWidget)
    return found


def _choose(page: DevicesPage, name: str) -> None:
    page.table.setCurrentIndex(page.model.index(_names(page).index(name), 0))


def test_columns_are_sorted_by_their_values(page: DevicesPage) -> None:
    page.table.sortByColumn(7, Qt.SortOrder.DescendingOrder)
    assert _names(page) == ["paint", "boiler", "yard"]
    page.table.sortByColumn(7, Qt.SortOrder.AscendingOrder)
    assert _names(page) == ["boiler", "paint", "yard"]  # what has no value comes last


def test_sorting_and_selection_survive_an_update(
    page: DevicesPage, console: FakeConsole, clock: FakeClock
) -> None:
    page.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    _choose(page, "paint")
    console.show_devices(*console.devices().devices, device("attic", clock))
    page.refresh()
    assert _names(page) == ["yard", "paint", "boiler", "attic"]
    selected = page.selection()
    assert selected is not None
    assert selected.id == "paint"


def test_the_filter_looks_at_names_and_states(page: DevicesPage) -> None:
    page.search.setText("disabled")
    assert _names(page) == ["yard"]


def test_loss_counts_corrupt_packets(page: DevicesPage) -> None:
    assert page.model.data(page.model.index(0, 5)) == "1.0 %"


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("request", CommandAsked(_BOILER, "REQUEST1", "operator")),
        ("eeprom", CommandAsked(_BOILER, "EEPROM1", "operator")),
        ("relearn", RelearnAsked(_BOILER, "operator")),
        ("remove", RemoveDeviceAsked(_BOILER, "operator")),
    ],
)
def test_actions_ask_for_what_they_say(
    page: DevicesPage,
    console: FakeConsole,
    action: str,
    wanted: object,
) -> None:
    _choose(page, "boiler")
    getattr(page.deeds, action).trigger()
    if action in ("relearn", "remove"):
        answer(_window(page), True)
    assert console.asked == [wanted]


@pytest.mark.parametrize("action", ["relearn", "remove"])
def test_destructive_actions_ask_first(
    page: DevicesPage, console: FakeConsole, qtbot: QtBot, action: str
) -> None:
    _choose(page, "boiler")
    getattr(page.deeds, action).trigger()
    qtbot.waitUntil(question(_window(page)).isActiveWindow)
    QTest.keyClick(question(_window(page)), Qt.Key.Key_Return)  # unread
    assert open_dialogs(_window(page)) == []
    assert console.asked == []


def test_what_was_kept_aside_is_accepted_after_a_yes(
    page: DevicesPage, console: FakeConsole
) -> None:
    _choose(page, "yard")
    page.deeds.accept.trigger()
    answer(_window(page), True)
    assert console.asked == [AcceptAsideAsked(DeviceId("yard"), "operator")]


def test_disabling_always_ends_by_itself(
    page: DevicesPage, console: FakeConsole, clock: FakeClock
) -> None:
    _choose(page, "boiler")
    page.deeds.enable.trigger()
    pick(_window(page), "4 h")
    until = clock.now().utc + 4 * 3600
    assert console.asked == [EnableDeviceAsked(_BOILER, False, "operator", until)]


def test_a_disabled_device_is_enabled_at_once(page: DevicesPage, console: FakeConsole) -> None:
    _choose(page, "yard")
    assert page.deeds.enable.text() == "Enable"
    page.deeds.enable.trigger()
    assert console.asked == [EnableDeviceAsked(DeviceId("yard"), True, "operator")]


def test_keys_can_be_changed_only_of_enrolled_devices(page: DevicesPage) -> None:
    _choose(page, "boiler")
    assert not page.deeds.revoke.isEnabled()
    _choose(page, "paint")
    assert page.deeds.revoke.isEnabled()


def test_the_log_shows_the_newest_line_first(
    page: DevicesPage, console: FakeConsole, clock: FakeClock
) -> None:
    lines = [
        DeviceLogged(_BOILER, clock.now(), Direction.SENT, "EEPROM1"),
        DeviceLogged(_BOILER, clock.now(), Direction.RECEIVED, "#EEPROM after 0.6 s"),
    ]
    console.logged[_BOILER] = tuple(lines)
    page.refresh()
    assert page.detail.log.toPlainText().splitlines()[0].endswith("← #EEPROM after 0.6 s")


def test_a_self_test_is_asked_for_and_its_result_shown(
    page: DevicesPage, console: FakeConsole, bridge: Bridge, clock: FakeClock
) -> None:
    bridge.device_tested.connect(page.detail.take_result)
    _choose(page, "boiler")
    QTest.mouseClick(page.detail.test_button, Qt.MouseButton.LeftButton)
    assert console.asked == [TestDeviceAsked(_BOILER, "operator")]
    page.refresh()
    assert page.detail.result.text().startswith("Testing")
    steps = (TestStep("connection", StepOutcome.FAILED, "Check its power."),)
    bridge.deliver([DeviceTested(_BOILER, steps, clock.now(), "operator")])
    assert "connection: △ FAILED – Check its power." in page.detail.result.text()


# --- CSV -----------------------------------------------------------------------------------------


def test_the_list_is_exported_and_imported_again(
    page: DevicesPage, console: FakeConsole, qtbot: QtBot, tmp_path: Path
) -> None:
    path, window, told = tmp_path / "devices.csv", _window(page), []
    page.deeds.noticed.connect(told.append)
    page.deeds.exchange.export()
    choose(window, path)
    qtbot.waitUntil(lambda: told[-1].startswith("1 devices written"))
    page.deeds.exchange.take()
    choose(window, path)
    qtbot.waitUntil(lambda: bool(open_dialogs(window)))
    assert "1 are registered and change, 0 are new" in question(window).text()
    answer(window, True)
    (asked,) = console.asked
    assert isinstance(asked, ImportDevicesAsked)
    assert Device.model_validate(asked.rows[0]) == console.settings().devices[0]


def test_a_file_that_is_no_table_is_refused_in_words(
    page: DevicesPage, console: FakeConsole, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "devices.csv"
    path.write_text("id,colour\na,red\n")
    page.deeds.exchange.take()
    choose(_window(page), path)
    qtbot.waitUntil(lambda: bool(open_dialogs(_window(page))))
    assert console.asked == []
    assert "there is no column colour" in complaint(_window(page))


def test_a_slow_disk_does_not_hold_up_the_console(
    page: DevicesPage, console: FakeConsole, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "slow.csv"
    os.mkfifo(path)  # opening it blocks until somebody writes, as a network folder does
    page.deeds.exchange.take()
    chooser(_window(page)).chosen.emit(str(path))
    chooser(_window(page)).close()  # we came back
    path.write_text("id,name\na,Attic\n")
    qtbot.waitUntil(lambda: bool(open_dialogs(_window(page))))
    assert "1 are new" in question(_window(page)).text()


def test_a_second_table_does_not_take_the_place_of_the_one_that_is_asked_about(
    page: DevicesPage, console: FakeConsole, qtbot: QtBot, tmp_path: Path
) -> None:
    told: list[str] = []
    page.deeds.noticed.connect(told.append)
    for name in ("attic", "cellar"):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"id,name\n{name},{name}\n")
        page.deeds.exchange.take()
        choose(_window(page), path)
        qtbot.waitUntil(lambda: bool(open_dialogs(_window(page))))
    qtbot.waitUntil(lambda: told[-1].startswith("Answer"))
    answer(_window(page), True)
    (asked,) = console.asked
    assert isinstance(asked, ImportDevicesAsked)
    assert [row["id"] for row in asked.rows] == ["attic"]


def test_an_existing_file_is_replaced_only_after_a_yes(page: DevicesPage, tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text("precious")
    page.deeds.exchange.export()
    choose(_window(page), path)
    answer(_window(page), False)
    assert path.read_text() == "precious"
    assert chooser(_window(page)).isVisible()


def test_a_semicolon_and_decimal_commas_are_understood() -> None:
    rows = device_csv.read("id;name;emissivity\r\na;Ofen;0,6\r\n".encode("utf-8-sig"))
    assert rows == ({"id": "a", "name": "Ofen", "emissivity": "0.6"},)


def test_formulas_are_written_as_text_and_read_back() -> None:
    row = Device(id="a", name="=HYPERLINK(1)")
    text = device_csv.write([row])
    assert b",'=HYPERLINK(1)," in text
    assert device_csv.read(text)[0]["name"] == "=HYPERLINK(1)"


# --- the form ------------------------------------------------------------------------------------


@pytest.fixture
def form(
    console: FakeConsole, bridge: Bridge, page: DevicesPage, qtbot: object
) -> Iterator[DeviceForm]:
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    made = DeviceForm(console, bridge, console.settings().devices[0], window)
    made.show()
    yield made
    window.close()


def _type(form: DeviceForm, name: str, text: str) -> None:
    editor = form.basic.editor(name) if name == "name" else form.limits.editor(name)
    editor.clear()  # type: ignore[attr-defined]
    QTest.keyClicks(editor, text)


def test_only_what_was_changed_is_asked_for(form: DeviceForm, console: FakeConsole) -> None:
    _type(form, "name", "Boiler house 2")
    _type(form, "thermal_fire", "90,5")
    form.save()
    (asked,) = console.asked
    assert isinstance(asked, EditDeviceAsked)
    assert asked.values == {"name": "Boiler house 2", "limits": {"thermal_fire": "90.5"}}


def test_a_wrong_value_is_told_under_its_field(form: DeviceForm, console: FakeConsole) -> None:
    _type(form, "thermal_fire", "9000")
    form.save()
    assert console.asked == []
    assert "less than or equal to 500" in form.error.text()


def test_a_refusal_keeps_the_form_open(
    form: DeviceForm, console: FakeConsole, bridge: Bridge, qtbot: QtBot
) -> None:
    _type(form, "name", "Other")
    form.save()
    bridge.deliver(
        [
            RequestRefused("The cause is still present.", "operator"),
            RequestRefused("There is no device boiler any more.", "operator", "settings:boiler"),
        ]
    )
    qtbot.waitUntil(form.save_button.isEnabled)
    assert form.isVisible()
    assert form.error.text() == "There is no device boiler any more."
    assert form.save_button.isEnabled()


def test_the_form_closes_only_when_its_own_change_is_in_force(
    form: DeviceForm, console: FakeConsole, qtbot: QtBot
) -> None:
    _type(form, "name", "Other")
    form.save()
    settings = console.settings()
    unlike = Device(id="attic", name="Attic")  # another person added it meanwhile
    console.configured = settings.model_copy(
        update={"revision": 7, "devices": (*settings.devices, unlike)}
    )
    qtbot.wait(250)
    assert form.isVisible()
    row = settings.devices[0].model_copy(update={"name": "Other"})
    with qtbot.waitSignal(form.finished):
        console.configured = settings.model_copy(update={"devices": (row, unlike)})


def test_a_limit_is_taken_away_by_emptying_its_field(
    console: FakeConsole, bridge: Bridge, qtbot: QtBot
) -> None:
    row = Device(
        id="boiler", name="Boiler", limits=DeviceLimits(gas_limit=40.0, gas_channel="ADC1")
    )
    window = QWidget()
    qtbot.addWidget(window)
    form = DeviceForm(console, bridge, row, window)
    form.limits.editor("gas_limit").clear()  # type: ignore[attr-defined]
    form.save()
    (asked,) = console.asked
    assert isinstance(asked, EditDeviceAsked)
    assert changed(row, asked.values).limits.gas_limit == DeviceLimits().gas_limit
    window.close()


def test_a_new_device_needs_an_id(console: FakeConsole, bridge: Bridge, qtbot: object) -> None:
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    form = DeviceForm(console, bridge, None, window)
    _type(form, "name", "Yard")
    form.save()
    assert console.asked == []
    QTest.keyClicks(form.basic.editor("id"), "yard")
    form.save()
    assert console.asked == [AddDeviceAsked({"id": "yard", "name": "Yard"}, "operator")]
    window.close()
