"""Relays on one serial port, in a process of their own: they go off when the console dies.

The process switches off what it holds when its pipe ends, also where the console was killed. Where
it is killed itself, the system closes the port, which drops RTS and DTR; a board that is switched
by bytes is switched off when the console, which notices that, starts the process anew.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import serial

from embereye.runtime.clock import Clock, SystemClock

_LOOK = 0.1  # s between looks at the watchdog
_AGAIN = 2.0  # s between tries to open a port
_WRITE = 1.0  # s; a command has some bytes, so a line that takes no more is broken
_GRACE = 2.0  # s that the console's own limit gets before the watchdog here
_SCHEMES = ("rfc2217://", "socket://")


@dataclass(frozen=True, slots=True)
class RelayLine:
    """One relay on the port.

    Attributes:
        line: "rts", "dtr" or "bytes".
        on, off: What switches it, with "bytes".
        most_on: s; the watchdog here switches it off a little later, whatever the console says.
    """

    id: str
    line: str
    on: bytes
    off: bytes
    most_on: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the console wants: these relays, and which of them are on."""

    lines: tuple[RelayLine, ...]
    on: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the relays of a port are.

    Attributes:
        on: Ids of those that were switched on.
        error: Why the port cannot be used, and what to do; empty while it works.
    """

    on: frozenset[str] = field(default_factory=frozenset)
    error: str = ""


def keep_relays(pipe: Connection, port: str, baud: int) -> None:
    """Obey each `Wanted` from `pipe`, and answer it with a `Standing`; at its end switch off.

    Main thread of a child process.
    """
    keeper = RelayKeeper(lambda: open_relay_port(port, baud), SystemClock())
    told: Standing | None = None
    try:
        while True:
            asked = pipe.poll(_LOOK)
            if asked:
                keeper.take(pipe.recv())
            standing = keeper.step()
            # Not by itself: a console that hangs reads nothing, and a full pipe would stop the
            # watchdog here.
            if asked or standing != told:
                pipe.send(standing)
                told = standing
    finally:
        keeper.close()


def open_relay_port(port: str, baud: int) -> serial.SerialBase:
    """The open port with RTS and DTR off; OSError or ValueError when it cannot be opened.

    The kernel raises both lines for some ms while it opens a port; a relay is slower.
    """
    if "://" in port and not port.lower().startswith(_SCHEMES):
        raise ValueError("write COM3, /dev/ttyUSB0, rfc2217://host:port or socket://host:port")
    local: dict[str, Any] = {} if "://" in port else {"write_timeout": _WRITE, "exclusive": True}
    opened = serial.serial_for_url(port, baudrate=baud, timeout=0, do_not_open=True, **local)
    opened.rts = opened.dtr = False
    opened.open()
    return opened


class RelayKeeper:
    """Holds one port and its relays. One thread.

    Args:
        opener: Opens the port; OSError or ValueError when it cannot.
    """

    def __init__(self, opener: Callable[[], serial.SerialBase], clock: Clock) -> None:
        self._opener, self._clock = opener, clock
        self._port: serial.SerialBase | None = None
        self._lines: dict[str, RelayLine] = {}
        self._wanted: frozenset[str] = frozenset()
        self._since: dict[str, float] = {}  # what is on, and since when
        self._cut: frozenset[str] = frozenset()  # by the watchdog, until they are wanted off
        self._try_at = float("-inf")
        self._error = ""

    def take(self, wanted: Wanted) -> None:
        """Follow other wishes from the next `step` on."""
        lines = {line.id: line for line in wanted.lines}
        for name in [name for name in self._since if lines.get(name) != self._lines.get(name)]:
            self._switch(name, on=False)
        if set(lines) - set(self._lines) and self._port is not None:
            self._close_port()  # opened anew, which switches off what was left on
        self._lines = lines
        self._wanted = wanted.on & frozenset(lines)
        self._cut &= self._wanted

    def step(self) -> Standing:
        """Make it so, and how it is."""
        now = self._clock.mono()
        if self._port is None and self._lines and now >= self._try_at:
            self._open(now)
        late = {n for n, at in self._since.items() if now - at >= self._lines[n].most_on + _GRACE}
        self._cut |= late
        goal = self._wanted - self._cut
        for name in sorted(set(self._since) - goal):
            self._switch(name, on=False)
        for name in sorted(goal - set(self._since)):
            self._switch(name, on=True)
        return Standing(frozenset(self._since), self._error)

    def close(self) -> None:
        """Switch everything off and let go of the port."""
        for name in list(self._since):
            self._switch(name, on=False)
        self._close_port()

    def _open(self, now: float) -> None:
        try:
            self._port = self._opener()
        except (OSError, ValueError, TypeError) as error:  # SerialException is an OSError
            self._error = f"The port cannot be opened ({error}). Plug it in, or choose another."
            self._try_at = now + _AGAIN
            return
        self._error = ""
        for line in self._lines.values():  # what a killed console may have left on
            self._send(line, on=False)

    def _switch(self, name: str, *, on: bool) -> None:
        line = self._lines[name]
        if not self._send(line, on=on):
            return
        if on:
            self._since[name] = self._clock.mono()
        else:
            self._since.pop(name, None)

    def _send(self, line: RelayLine, *, on: bool) -> bool:
        if self._port is None:
            return False
        try:
            if line.line == "rts":
                self._port.rts = on
            elif line.line == "dtr":
                self._port.dtr = on
            else:
                self._port.write(line.on if on else line.off)
        except (OSError, ValueError) as error:
            self._error = f"The port was lost ({error}). Plug the cable or the board in again."
            self._close_port()
            self._try_at = self._clock.mono() + _AGAIN
            return False
        return True

    def _close_port(self) -> None:
        port, self._port = self._port, None
        self._since.clear()
        if port is not None:
            with contextlib.suppress(OSError, ValueError):
                port.close()
