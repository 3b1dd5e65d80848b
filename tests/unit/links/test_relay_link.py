"""Relays on a serial port: switched, watched, and off whenever nobody holds them any more."""

import os
import select
import signal
import subprocess
import sys
import time
import tty

import pytest
import serial
from fakes import FakeClock

from embereye.links.relay import (
    RelayKeeper,
    RelayLine,
    Standing,
    Wanted,
    keep_relays,
    open_relay_port,
)
from embereye.runtime.process import Child

ON, OFF = bytes.fromhex("A00101A2"), bytes.fromhex("A00100A1")
SIREN = RelayLine("siren", "bytes", ON, OFF, 180.0)


class Board:
    """A relay board at the other end of a pseudo terminal; reads what it is told."""

    def __init__(self):
        self.far, self._near = os.openpty()
        tty.setraw(self._near)
        tty.setraw(self.far)
        self.name = os.ttyname(self._near)
        self.heard = b""

    def wait(self, count, seconds=10.0):
        """The last `count` commands of four bytes, once as many came."""
        end = time.monotonic() + seconds
        while len(self.heard) < 4 * count and time.monotonic() < end:
            if select.select([self.far], [], [], 0.1)[0]:
                self.heard += os.read(self.far, 1024)
        return [self.heard[i : i + 4] for i in range(0, len(self.heard), 4)]

    def close(self):
        os.close(self.far)
        os.close(self._near)


@pytest.fixture
def board():
    made = Board()
    yield made
    made.close()


@pytest.fixture
def keeper(board):
    clock = FakeClock()
    made = RelayKeeper(lambda: open_relay_port(board.name, 9600), clock)
    made.clock = clock
    yield made
    made.close()


def test_a_board_is_switched_off_first_then_on_and_off(keeper, board):
    keeper.take(Wanted((SIREN,), frozenset({"siren"})))
    assert keeper.step() == Standing(frozenset({"siren"}))
    keeper.take(Wanted((SIREN,), frozenset()))
    assert keeper.step() == Standing()
    assert board.wait(3) == [OFF, ON, OFF]


def test_nothing_is_said_twice(keeper, board):
    keeper.take(Wanted((SIREN,), frozenset({"siren"})))
    for _ in range(5):
        keeper.step()
    keeper.close()
    assert board.wait(4, seconds=0.5) == [OFF, ON, OFF]


def test_the_watchdog_switches_off_what_a_hanging_console_leaves_on(keeper, board):
    keeper.take(Wanted((SIREN,), frozenset({"siren"})))
    keeper.step()
    keeper.clock.advance(181.9)
    assert keeper.step().on == {"siren"}
    keeper.clock.advance(0.2)
    assert keeper.step().on == frozenset()
    keeper.clock.advance(1000.0)
    assert keeper.step().on == frozenset()  # until it was wanted off
    keeper.take(Wanted((SIREN,), frozenset()))
    keeper.take(Wanted((SIREN,), frozenset({"siren"})))
    assert keeper.step().on == {"siren"}


def test_a_relay_that_is_taken_out_of_the_settings_goes_off(keeper, board):
    keeper.take(Wanted((SIREN,), frozenset({"siren"})))
    keeper.step()
    keeper.take(Wanted((), frozenset()))
    assert keeper.step().on == frozenset()
    assert board.wait(3) == [OFF, ON, OFF]


def test_a_port_that_is_not_there_is_told_and_tried_again(tmp_path):
    clock, ports = FakeClock(), [str(tmp_path / "gone")]
    keeper = RelayKeeper(lambda: open_relay_port(ports[0], 9600), clock)
    keeper.take(Wanted((SIREN,), frozenset({"siren"})))
    assert "cannot be opened" in keeper.step().error
    board = Board()
    ports[0] = board.name
    clock.advance(2.0)
    assert keeper.step() == Standing(frozenset({"siren"}))
    keeper.close()
    board.close()


def test_a_cable_that_is_pulled_is_told(keeper):
    class Broken:
        def write(self, _data):
            raise OSError("unplugged")

        def close(self):
            pass

    keeper._opener = Broken
    keeper.take(Wanted((SIREN,), frozenset({"siren"})))
    standing = keeper.step()
    assert standing.on == frozenset()
    assert "was lost" in standing.error


@pytest.mark.parametrize("line", ["rts", "dtr"])
def test_a_line_of_the_port_switches(line):
    # loop:// is pyserial's own port without hardware: CTS follows RTS, DSR follows DTR.
    port = serial.serial_for_url("loop://")
    port.rts = port.dtr = False
    keeper = RelayKeeper(lambda: port, FakeClock())
    keeper.take(Wanted((RelayLine("beacon", line, b"", b"", 60.0),), frozenset({"beacon"})))
    keeper.step()
    assert (port.cts, port.dsr) == (line == "rts", line == "dtr")
    keeper.take(Wanted((RelayLine("beacon", line, b"", b"", 60.0),), frozenset()))
    keeper.step()
    assert (port.cts, port.dsr) == (False, False)


def test_other_schemes_than_serial_ports_are_refused():
    with pytest.raises(ValueError, match="COM3"):
        open_relay_port("spy:///dev/null?file=/tmp/x", 9600)


_CONSOLE = """
import sys, time
from embereye.links.relay import RelayLine, Wanted, keep_relays
from embereye.runtime.process import Child
if __name__ == "__main__":
    child = Child("relays", keep_relays, sys.argv[1], 9600)
    line = RelayLine("siren", "bytes", bytes.fromhex("A00101A2"), bytes.fromhex("A00100A1"), 600.0)
    child.send(Wanted((line,), frozenset({"siren"})))
    time.sleep(60)
"""


def test_a_killed_console_leaves_no_siren_on(board, tmp_path):
    script = tmp_path / "console.py"
    script.write_text(_CONSOLE)
    console = subprocess.Popen([sys.executable, str(script), board.name])
    try:
        assert board.wait(2) == [OFF, ON]
    finally:
        console.send_signal(signal.SIGKILL)
        console.wait(10.0)
    assert board.wait(3) == [OFF, ON, OFF]


def test_the_end_of_the_pipe_switches_off(board):
    child = Child("relays", keep_relays, board.name, 9600)
    child.send(Wanted((SIREN,), frozenset({"siren"})))
    assert board.wait(2) == [OFF, ON]
    child.close()
    assert board.wait(3) == [OFF, ON, OFF]
