"""What is heard, and what happens when nothing can be."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from consoles import FakeConsole, alarm
from fakes import FakeClock
from PySide6.QtWidgets import QApplication

from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup
from embereye.config.schema import Settings
from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    AlarmState,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import PlaceId
from embereye.model.messages import SoundChanged
from embereye.ui.sounds import Sounds

if TYPE_CHECKING:
    from tests.ui.conftest import SilentOutput


@pytest.fixture
def sounds(console: FakeConsole, output: "SilentOutput", qapp: QApplication) -> Iterator[Sounds]:
    made = Sounds(console, output)
    yield made
    made.close()


def test_fire_sounds_without_pause(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock))
    sounds.refresh()
    clock.advance(100)
    sounds.refresh()
    assert output.played == [("fire", True)]


def test_other_alarms_sound_every_thirty_seconds(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock, priority=Priority.HIGH))
    for _ in range(61):
        sounds.refresh()
        clock.advance(1)
    assert output.played == [("high", False)] * 3


@pytest.mark.parametrize(
    ("priority", "name"),
    [
        (Priority.EMERGENCY, "fire"),
        (Priority.HIGH, "high"),
        (Priority.MEDIUM, "medium"),
        (Priority.LOW, "low"),
        (Priority.DIAGNOSTIC, "fault"),
    ],
)
def test_each_priority_has_its_sound(
    sounds: Sounds,
    console: FakeConsole,
    output: "SilentOutput",
    clock: FakeClock,
    priority: Priority,
    name: str,
) -> None:
    console.show_alarms(alarm(1, clock, priority=priority, kind=AlarmKind.GAS))
    sounds.refresh()
    assert output.played[0][0] == name


def test_a_fire_interrupts_a_lower_alarm(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    high = alarm(1, clock, priority=Priority.HIGH)
    console.show_alarms(high)
    sounds.refresh()
    console.show_alarms(alarm(2, clock), high)
    sounds.refresh()
    assert output.played == [("high", False), ("fire", True)]


@pytest.mark.parametrize("state", [AlarmState.ACKNOWLEDGED, AlarmState.LATCHED])
def test_acknowledging_ends_the_siren(
    sounds: Sounds,
    console: FakeConsole,
    output: "SilentOutput",
    clock: FakeClock,
    state: AlarmState,
) -> None:
    console.show_alarms(alarm(1, clock))
    sounds.refresh()
    console.show_alarms(alarm(1, clock, state=state))
    sounds.refresh()
    assert output.stopped == 1


def test_silence_ends_by_itself(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock))
    sounds.refresh()
    console.show_alarms(alarm(1, clock), silenced_until=clock.mono() + 120)
    sounds.refresh()
    assert output.stopped == 1
    clock.advance(121)
    sounds.refresh()
    assert output.played == [("fire", True), ("fire", True)]


def covered(clock: FakeClock, kind: OverlayKind) -> Overlay:
    now = clock.now().utc
    scope = Scope(PlaceId("place-1"))
    return Overlay(kind, scope, "", "miller", now, now + 60.0, Priority.EMERGENCY)


def test_a_shelved_fire_is_not_heard(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock, overlay=covered(clock, OverlayKind.SHELVED)))
    sounds.refresh()
    assert output.played == []


def test_a_test_alarm_chimes_once_instead_of_the_siren(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock, overlay=covered(clock, OverlayKind.TEST)))
    for _ in range(100):
        sounds.refresh()
        clock.advance(1)
    assert output.played == [("test", False)]


def test_the_siren_stops_though_a_test_alarm_remains(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    tested = alarm(1, clock, overlay=covered(clock, OverlayKind.TEST))
    console.show_alarms(alarm(2, clock), tested)
    sounds.refresh()
    console.show_alarms(alarm(2, clock, state=AlarmState.ACKNOWLEDGED), tested)
    sounds.refresh()
    sounds.refresh()
    assert (output.played, output.stopped) == ([("fire", True)], 1)


def test_an_escalated_fire_is_announced_again(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock))
    sounds.refresh()
    console.show_alarms(alarm(1, clock, escalation=1))
    sounds.refresh()
    sounds.refresh()
    assert output.played == [("fire", True), ("fire", True)]


def test_a_rule_sounds_as_it_was_written(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    group = ConditionGroup(conditions=(Condition(),))
    rule = AlarmRule(id="night", name="Night", groups=(group,), priority="medium", sound="high")
    console.configured = Settings(rules=(rule,))
    key = AlarmKey(PlaceId("gate"), AlarmKind.RULE, "night")
    console.show_alarms(replace(alarm(1, clock, priority=Priority.MEDIUM), key=key))
    sounds.refresh()
    assert output.played == [("high", False)]


def test_a_missing_device_is_told_once_and_its_return_too(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput"
) -> None:
    output.trouble = "There is no sound device."
    sounds.supervise()
    sounds.supervise()
    output.trouble = ""
    sounds.supervise()
    told = [m.usable for m in console.asked if isinstance(m, SoundChanged)]
    assert told == [False, True]


def test_a_new_device_takes_over_the_siren(
    sounds: Sounds, console: FakeConsole, output: "SilentOutput", clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock))
    sounds.refresh()
    assert output.call is not None
    output.call()
    assert output.played == [("fire", True), ("fire", True)]
