"""A siren on a real (pseudo) serial port follows the open alarms, silence and the kill switch."""

import os
import select
import time
import tty
from threading import Event, Thread

import pytest
from consoles import alarm
from fakes import FakeClock

from embereye.config.notify_options import Notifications, Occasion, RelayTarget
from embereye.config.schema import Settings
from embereye.model.alarm import AlarmState, AlarmTable, Priority
from embereye.runtime.clock import SystemClock
from embereye.services.notify_relays import Relays

ON, OFF = bytes.fromhex("A00101A2"), bytes.fromhex("A00100A1")


class Rig:
    """Relays in their thread, and the far end of their port."""

    def __init__(self):
        self.clock = SystemClock()
        self.table = AlarmTable()
        self.told, self.noted = [], []
        self.far, self._near = os.openpty()
        tty.setraw(self._near)
        self.port = os.ttyname(self._near)
        self.relays = Relays(
            self.clock, lambda: self.table, self.told.append, lambda *row: self.noted.append(row)
        )
        self._stop = Event()
        self._thread = Thread(target=self.relays.run, args=(self._stop,))
        self._thread.start()

    def use(self, blocked=False, **changes):
        fields = {"id": "siren", "name": "Siren", "port": self.port, "line": "bytes", **changes}
        section = Notifications(relays=(RelayTarget(**fields),), relays_blocked=blocked)
        self.relays.apply(Settings(notifications=section))

    def show(self, *alarms, silenced=None):
        until = None if silenced is None else self.clock.mono() + silenced
        self.table = AlarmTable(1, alarms, until)
        self.relays.changed()

    def hears(self, command, seconds=20.0):
        """Whether the board is told this next; starting a process takes some tenths of a second."""
        end, heard = time.monotonic() + seconds, b""
        while len(heard) < 4 and time.monotonic() < end:
            if select.select([self.far], [], [], 0.05)[0]:
                heard += os.read(self.far, 4 - len(heard))
        return heard == command

    def end(self):
        self._stop.set()
        self._thread.join(10.0)
        os.close(self.far)
        os.close(self._near)


@pytest.fixture
def rig():
    made = Rig()
    yield made
    made.end()


def test_a_siren_follows_an_alarm_from_its_announcement_to_the_acknowledgement(rig):
    rig.use()
    assert rig.hears(OFF)  # whatever it was left at
    fire = alarm(1, rig.clock)
    rig.show(fire)
    assert rig.hears(ON)
    rig.show(alarm(1, rig.clock, state=AlarmState.ACKNOWLEDGED))
    assert rig.hears(OFF)
    assert [row[0] for row in rig.noted] == ["siren"] * len(rig.noted)


def test_silence_the_kill_switch_and_arming_switch_it_off(rig):
    rig.use()
    fire = alarm(1, rig.clock)
    rig.show(fire)
    assert rig.hears(OFF)
    assert rig.hears(ON)
    rig.show(fire, silenced=60.0)
    assert rig.hears(OFF)
    rig.show(fire)
    assert rig.hears(ON)
    rig.relays.block(True)
    assert rig.hears(OFF)
    rig.use()  # other settings do not undo the kill switch
    rig.relays.block(False)
    assert rig.hears(ON)
    rig.use(blocked=True)
    assert rig.hears(OFF)
    rig.use(armed=False)
    rig.relays.test("siren")
    assert rig.hears(ON)  # the test: an alarm would not
    assert rig.hears(OFF)


def test_lower_priorities_do_not_switch_it(rig):
    rig.use(occasion=Occasion(priority="emergency"))
    assert rig.hears(OFF)
    rig.show(alarm(1, rig.clock, priority=Priority.HIGH))
    assert not rig.hears(ON, seconds=0.6)
    rig.show(alarm(2, rig.clock))
    assert rig.hears(ON)


def test_the_longest_time_ends_it_and_a_new_announcement_begins_it_anew(rig):
    rig.use(most_on=1.0)
    fire = alarm(1, rig.clock)
    rig.show(fire)
    assert rig.hears(OFF)
    assert rig.hears(ON)
    assert rig.hears(OFF)
    rig.relays.announced(fire.id)
    assert rig.hears(ON)


def test_a_process_that_is_killed_is_started_again_and_the_siren_goes_on(rig):
    rig.use()
    rig.show(alarm(1, rig.clock))
    assert rig.hears(OFF)
    assert rig.hears(ON)
    (port,) = rig.relays._ports.values()
    os.kill(port.child.pid, 9)
    assert rig.hears(OFF)
    assert rig.hears(ON)


def test_a_stop_switches_off(rig):
    rig.use()
    rig.show(alarm(1, rig.clock))
    assert rig.hears(OFF)
    assert rig.hears(ON)
    rig._stop.set()
    assert rig.hears(OFF)


def test_a_test_of_a_port_that_is_not_there_says_so(rig, tmp_path):
    rig.use(port=str(tmp_path / "gone"))
    rig.relays.test("siren")
    end = time.monotonic() + 20.0
    while time.monotonic() < end:
        outcome = rig.relays.tests.get("siren")
        if outcome is not None and outcome.good is not None:
            break
        time.sleep(0.02)
    assert outcome.good is False
    assert "cannot be opened" in outcome.text


def test_a_port_that_stays_away_is_a_fault_until_it_is_back(tmp_path):
    clock, told, port = FakeClock(), [], tmp_path / "relays"
    relays = Relays(clock, AlarmTable, told.append, lambda *_: None)
    siren = RelayTarget(id="siren", name="Siren", port=str(port), line="bytes")
    relays.apply(Settings(notifications=Notifications(relays=(siren,))))

    def until(condition):
        end = time.monotonic() + 20.0
        while not condition() and time.monotonic() < end:
            relays.step()
            time.sleep(0.01)  # the process of the port has a clock of its own
            clock.advance(0.01)
        assert condition()

    far, near = os.openpty()
    try:
        until(lambda: "siren" in relays.errors)
        clock.advance(5.0)
        relays.step()
        assert [(m.name, m.recovered) for m in told] == [(f"relays {port}", False)]
        port.symlink_to(os.ttyname(near))
        until(lambda: len(told) == 2)
        assert told[-1].recovered
    finally:
        relays._release()
        os.close(far)
        os.close(near)
