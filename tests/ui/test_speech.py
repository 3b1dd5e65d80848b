"""What is said of alarms, how often, and what happens when it cannot be."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from consoles import FakeConsole, alarm
from fakes import FakeClock
from PySide6.QtTest import QSignalSpy

from embereye.config.schema import Settings, Sound
from embereye.model.alarm import Alarm, AlarmKind, AlarmState, Overlay, OverlayKind, Priority, Scope
from embereye.model.ids import PlaceId
from embereye.model.messages import AlarmChanged
from embereye.runtime.clock import SystemClock
from embereye.ui.speech import Speech, sentence
from embereye.ui.speech_voice import ChildVoice

SPEAKING = Settings(sound=Sound(speech=True))


class FakeVoice:
    """Says one sentence until it is told to be done."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.speaking = False
        self.trouble = ""

    def say(self, text: str) -> None:
        assert not self.speaking
        self.said.append(text)
        self.speaking = True

    def busy(self) -> bool:
        return self.speaking

    def problem(self) -> str:
        return self.trouble

    def close(self) -> None:
        self.speaking = False


@pytest.fixture
def voice() -> FakeVoice:
    return FakeVoice()


@pytest.fixture
def speech(console: FakeConsole, voice: FakeVoice, qapp: object) -> Speech:
    console.configured = SPEAKING
    return Speech(console, voice)


def announce(speech: Speech, console: FakeConsole, *alarms: Alarm) -> None:
    console.show_alarms(*alarms)
    now = console.clock.now()
    for one in alarms:
        speech.announced(AlarmChanged(one, True, now, now))


def finish(speech: Speech, voice: FakeVoice) -> None:
    voice.speaking = False
    speech.look()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Fire. Boiler house 2."),
        ({"priority": Priority.HIGH}, "High alarm. Boiler house 2."),
        (
            {"kind": AlarmKind.CAMERA_FAULT, "priority": Priority.DIAGNOSTIC},
            "Fault. Boiler house 2.",
        ),
        ({"escalation": 1}, "Escalated. Fire. Boiler house 2."),
        ({"place_name": ""}, "Fire."),
        ({"place_name": "$(rm -rf) <voice>|& Größe 空"}, "Fire. rm -rf voice Größe 空."),
        ({"place_name": "--help\nHall\x07"}, "Fire. help Hall."),
    ],
)
def test_a_sentence_is_words_only(clock: FakeClock, changes: dict[str, object], text: str) -> None:
    assert sentence(alarm(1, clock, **{"place_name": "Boiler house 2", **changes})) == text


def test_a_sentence_is_short_whatever_a_place_is_called(clock: FakeClock) -> None:
    assert len(sentence(alarm(1, clock, place_name="hall " * 500))) < 100


def test_an_announcement_is_said_once(
    speech: Speech, console: FakeConsole, voice: FakeVoice, clock: FakeClock
) -> None:
    announce(speech, console, alarm(1, clock, place_name="Gate"))
    for _ in range(5):
        speech.look()
        finish(speech, voice)
    assert voice.said == ["Fire. Gate."]


def test_speech_is_off_by_default(
    speech: Speech, console: FakeConsole, voice: FakeVoice, clock: FakeClock
) -> None:
    console.configured = Settings()
    announce(speech, console, alarm(1, clock))
    speech.look()
    assert voice.said == []


def test_the_worst_of_what_waits_is_said_first_and_a_flood_is_cut(
    speech: Speech, console: FakeConsole, voice: FakeVoice, clock: FakeClock
) -> None:
    high = [alarm(n, clock, priority=Priority.HIGH, place_name=f"H{n}") for n in range(1, 30)]
    announce(speech, console, *high, alarm(99, clock, place_name="F"))
    for _ in range(40):
        speech.look()
        finish(speech, voice)
    assert voice.said == ["Fire. F.", "High alarm. H1.", "High alarm. H2."]


def test_what_was_acknowledged_while_it_waited_is_not_said(
    speech: Speech, console: FakeConsole, voice: FakeVoice, clock: FakeClock
) -> None:
    announce(speech, console, alarm(1, clock, place_name="A"), alarm(2, clock, place_name="B"))
    speech.look()
    console.show_alarms(alarm(2, clock, state=AlarmState.ACKNOWLEDGED))
    finish(speech, voice)
    assert voice.said == ["Fire. A."]


def test_nothing_is_said_while_the_sound_is_silenced(
    speech: Speech, console: FakeConsole, voice: FakeVoice, clock: FakeClock
) -> None:
    announce(speech, console, alarm(1, clock))
    console.show_alarms(alarm(1, clock), silenced_until=clock.mono() + 60.0)
    speech.look()
    assert voice.said == []


def test_nothing_is_said_of_a_test_alarm(
    speech: Speech, console: FakeConsole, voice: FakeVoice, clock: FakeClock
) -> None:
    scope = Scope(PlaceId("place-1"))
    overlay = Overlay(OverlayKind.TEST, scope, "", "x", 0.0, 9e9, Priority.EMERGENCY)
    announce(speech, console, replace(alarm(1, clock), overlay=overlay))
    speech.look()
    assert voice.said == []


def test_a_failure_is_told_once(
    speech: Speech, console: FakeConsole, voice: FakeVoice, clock: FakeClock
) -> None:
    spy = QSignalSpy(speech.noticed)
    voice.trouble = "There is no speech engine."
    announce(speech, console, alarm(1, clock), alarm(2, clock))
    for _ in range(4):
        speech.look()
        finish(speech, voice)
    assert spy.count() == 1


# --- the real process, with a program that writes down what it should say -------------------------

no_engine = pytest.mark.skipif(
    shutil.which("spd-say") is not None or os.name == "nt",
    reason="a real speech engine would speak here",
)


def wait(met: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)  # a process of its own takes real time


@no_engine
def test_a_sentence_reaches_the_program_and_never_its_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text(f'#!/bin/sh\ncat > {tmp_path}/said\necho "$@" > {tmp_path}/arguments\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    voice = ChildVoice(SystemClock())
    voice.say("Fire. --version.")
    wait(lambda: not voice.busy())
    voice.close()
    assert voice.problem() == ""
    assert (tmp_path / "said").read_text() == "Fire. --version."
    assert (tmp_path / "arguments").read_text() == "--stdin\n"


@no_engine
def test_without_any_engine_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    voice = ChildVoice(SystemClock())
    voice.say("Fire.")
    wait(lambda: not voice.busy())
    voice.close()
    assert voice.problem() == (
        "There is no speech engine. Install espeak-ng, or switch speech off."
    )


def test_a_process_that_dies_is_a_problem_and_no_crash(clock: FakeClock) -> None:
    voice = ChildVoice(clock)
    voice.say("Fire.")
    assert voice._child is not None
    voice._child._process.kill()
    wait(lambda: bool(voice.problem()))
    assert voice.busy()  # for a while nothing is tried
    clock.advance(11.0)
    assert not voice.busy()
    voice.close()
