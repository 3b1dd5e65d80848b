"""R16: 500 alarms in 10 s among 3,000 active ones: none lost, nothing stalls, the first is seen.

The real life cycle of alarms, table and bridge feed the real window; each promise has a control, a
variant that breaks it and must be caught.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from consoles import FakeConsole
from fakes import FakeClock, MemoryOverlays
from PySide6.QtTest import QTest

from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmTable, Cause, Priority, Report
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged
from embereye.rules import popup_choice
from embereye.rules.flood import flood
from embereye.runtime.engine import Engine
from embereye.runtime.metrics import percentile
from embereye.services.alarms import Alarms
from embereye.ui.bridge import Bridge
from embereye.ui.main_window import MainWindow

ACTIVE, FLOOD, SECONDS = 3_000, 500, 10.0
BATCHES = 20
FEW = 3  # batches of a control
PLACES = 120
GAP = 0.100  # s of processor time for everything that one batch makes the window do
SETTLE = 60  # ms; the window gathers changes for 50 ms

Carry = Callable[[list[object]], list[object]]


class Disk(MemoryOverlays):
    """Commits at once."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(1)

    def load_open(self) -> tuple[Alarm, ...]:
        return ()

    def next_id(self) -> AlarmId:
        return AlarmId(next(self._ids))

    def save(self, alarm: Alarm, action: object, done: Callable[[object], None]) -> None:
        done(None)


@dataclass
class Findings:
    """What an observer of the screen has seen.

    Attributes:
        raised: Ids that the engine announced during the flood.
        painted: Ids that the screen told.
        gaps: Processor seconds of the GUI thread, for each batch.
        crowded: Batches with two popups of one place.
        unseen: Batches in which the first-out, or the oldest that waits, was nowhere on the wall.
    """

    raised: set[AlarmId] = field(default_factory=set)
    painted: set[AlarmId] = field(default_factory=set)
    gaps: list[float] = field(default_factory=list)
    crowded: int = 0
    unseen: int = 0


class Site:
    """An engine and the window that shows its alarms."""

    def __init__(self, window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock):
        self.window, self._bridge, self._clock = window, bridge, clock
        self._engine = Engine(clock)
        self._messages: list[object] = []
        self.alarms = Alarms(self._engine, self._messages.append, Disk())
        console.alarms = lambda: self.alarms.current  # type: ignore[method-assign]
        self.found = Findings()
        window.alarm_painted.connect(lambda m: self.found.painted.add(m.alarm.id))

    def load(self, count: int) -> None:
        """Old faults and alarms, half of them acknowledged."""
        for number in range(count):
            self._report(number, AlarmKind.DEVICE_FAULT, Priority.DIAGNOSTIC)
        self._step()
        for alarm in self.alarms.current.alarms[::2]:
            self._engine.post(AcknowledgeAsked(alarm.id, "anna"))
        self._step()
        self._clock.advance(3600.0)
        self._show(lambda messages: messages)
        self.found = Findings()

    def flood(self, count: int, batches: int, carry: Carry = lambda messages: messages) -> Findings:
        """So many alarms in 10 s; `carry` takes the messages to the window."""
        for batch in range(batches):
            self._clock.advance(SECONDS / batches)
            for number in range(batch * count // batches, (batch + 1) * count // batches):
                self._report(number, AlarmKind.RULE, Priority(1 + number % 4))
            self._step()
            self._show(carry)
            self._look()
        return self.found

    def _report(self, number: int, kind: AlarmKind, priority: Priority) -> None:
        key = AlarmKey(PlaceId(f"p{number % PLACES}"), kind, f"s{number}")
        reasons = (f"value {number} ≥ 85 °C",)
        now = self._clock.now()
        self.alarms.report(Report(key, Cause.ACTIVE, priority, reasons, now, f"Hall {number}"))

    def _step(self) -> None:
        for _ in range(3):
            self._engine.step()

    def _show(self, carry: Carry) -> None:
        messages, self._messages[:] = list(self._messages), []
        announced = [m for m in messages if isinstance(m, AlarmChanged) and m.announced]
        self.found.raised |= {message.alarm.id for message in announced}
        before = time.thread_time()
        self._bridge.deliver(
            [message for message in carry(messages) if isinstance(message, AlarmChanged)]
        )
        QTest.qWait(SETTLE)
        self.found.gaps.append(time.thread_time() - before)

    def _look(self) -> None:
        popups = self.window.popups.popups()
        places = [popup.alarm.key.place for popup in popups]
        self.found.crowded += len(set(places)) < len(places)
        table = self.alarms.current
        said = self.window.bar.worst.accessibleName() + self.window.popups._summary.label.whole
        self.found.unseen += not (
            self._first_out_seen(table, said) and self._oldest_seen(table, said, places)
        )

    def _first_out_seen(self, table: AlarmTable, said: str) -> bool:
        found = flood(table.alarms, self._clock.now().utc)
        return found is None or found.first_out.place_name in said

    def _oldest_seen(self, table: AlarmTable, said: str, places: list[PlaceId]) -> bool:
        waiting = (a for a in table.alarms if a.calling and a.priority >= Priority.LOW)
        oldest = min(waiting, key=lambda alarm: alarm.id)
        return oldest.key.place in places or oldest.place_name in said


@pytest.fixture
def site(window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock) -> Site:
    window.show()
    QTest.qWait(SETTLE)
    return Site(window, bridge, console, clock)


def test_a_flood_loses_nothing_and_stalls_nothing(site: Site) -> None:
    site.load(ACTIVE - FLOOD)
    found = site.flood(FLOOD, BATCHES)
    assert len(found.raised) == FLOOD
    assert found.raised <= found.painted
    assert (found.crowded, found.unseen) == (0, 0)
    assert max(found.gaps) <= GAP
    assert (percentile(found.gaps, 95) or 0.0) <= GAP / 2
    site.window.show_alarm(None)
    assert len(site.alarms.current.alarms) == ACTIVE
    assert site.window.alarms.table.model().rowCount() == ACTIVE


def test_control_a_bridge_that_merges_alarms_is_caught(site: Site) -> None:
    found = site.flood(60, FEW, carry=lambda messages: messages[-1:])
    assert not found.raised <= found.painted


def test_control_a_popup_for_each_alarm_is_caught(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crowd(table: AlarmTable, now_utc: float, room: int) -> popup_choice.Popups:
        shown = tuple(a for a in table.alarms if a.key.place == "p0")[:room]
        return popup_choice.Popups(shown, None, None, 9, True, (0,) * len(shown))

    monkeypatch.setattr(popup_choice, "popups", crowd)
    found = site.flood(2 * PLACES, FEW)
    assert found.crowded
    assert found.unseen == 0  # the bar still names the first-out


def test_control_a_bar_that_forgets_the_first_out_is_caught(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.window.bar.worst, "flood_text", lambda: "△ FLOOD")
    monkeypatch.setattr(popup_choice, "summary", lambda stack: "and more")
    assert site.flood(60, FEW).unseen


def test_control_a_stall_is_caught(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def burn() -> None:
        end = time.thread_time() + 1.5 * GAP
        while time.thread_time() < end:
            pass

    monkeypatch.setattr(site.window.drawer, "refresh", burn)
    site.flood(FEW, FEW)
    assert max(site.found.gaps) > GAP
