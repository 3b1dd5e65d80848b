"""When to send which command to a device on a half-duplex line.

Numbers are those of a real device (sensor protocol, section 1): a cycle of 4.085 s with a frame
burst of 0.17 s, `#Sensor` 0.48 s after the start of the frame, then 3.6 s of quiet. A command sent
during a frame corrupted the frame and got no answer.
"""

from dataclasses import dataclass
from enum import Enum

CYCLE = 4.085  # s, of a real device; until the connection's own cycle is known

_SPACING = 1.0  # s between two commands; devices reject glued ones
_SETTLE = 0.5  # s of silence that show a quiet line: longer than the 0.48 s from frame to #Sensor
_QUIET_SHARE = 0.6  # of a cycle after #Sensor that is safely quiet (real device: 3.6 / 4.085)
_ANSWER = 10.0  # s to wait for an answer before asking again
_MOST_PATIENT = 6  # times `_ANSWER` between later tries: once a minute disturbs nobody
_SILENT_CYCLES = 3.0  # without a packet mean that the stream stopped
_SILENCE = 3.0  # s, at least; a device at 10 Hz may pause for 0.3 s
_ALIKE = 0.3  # relative difference of two gaps that are one cycle, however long
_TERMINATORS = {"": b"", "CR": b"\r", "LF": b"\n", "CRLF": b"\r\n"}


class Heard(Enum):
    """What came in, as far as timing is concerned."""

    SENSOR = "sensor"
    FRAME = "frame"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CommandMode:
    """How a device is asked.

    Attributes:
        on_demand: Asked with REQUEST1 every `poll` s instead of streaming.
        terminator: "", "CR", "LF" or "CRLF".
    """

    on_demand: bool = False
    poll: float = 10.0
    terminator: str = ""


class CommandSchedule:
    """The commands of one connection: one per call, at least 1 s apart, only while it is quiet.

    All times are monotonic seconds. One thread.
    """

    def __init__(self, opened: float, mode: CommandMode | None = None) -> None:
        self.mode = mode or CommandMode()
        self.needs_calibration = False
        self._cycle = 0.0
        self._gap = 0.0
        self._opened = opened
        self._last_byte = opened
        self._last_packet = opened
        self._last_sensor: float | None = None
        self._heard = Heard.OTHER
        self._unfinished = False
        self._last_sent = float("-inf")
        self._started = False
        self._polled = float("-inf")
        self._calibration_asked = float("-inf")
        self._calibration_tries = 0

    @property
    def cycle(self) -> float:
        """Seconds between two `#Sensor` packets; of a real device until measured."""
        return self._cycle or CYCLE

    def heard_bytes(self, now: float, *, unfinished: bool) -> None:
        """Bytes came in; `unfinished` when they end inside a packet."""
        self._last_byte = now
        self._unfinished = unfinished

    def heard(self, what: Heard, now: float) -> None:
        """A valid packet came in."""
        self._last_packet = now
        self._heard = what
        if what is not Heard.SENSOR:
            return
        if self._last_sensor is not None:
            self._learn(now - self._last_sensor)
        self._last_sensor = now

    def calibrated(self) -> None:
        """The calibration came."""
        self.needs_calibration = False
        self._calibration_tries = 0

    def due(self, now: float) -> bytes | None:
        """The command to send now as one segment, or None. Counts as sent."""
        if now - self._last_sent < _SPACING or not self._quiet(now):
            return None
        command = self._next(now)
        if command is None:
            return None
        self._last_sent = now
        return command + _TERMINATORS[self.mode.terminator]

    @property
    def _longest_gap(self) -> float:
        return max(_SILENCE, _SILENT_CYCLES * self.cycle)

    def _learn(self, gap: float) -> None:
        """Take a gap as the cycle unless it is an outage: long, and unlike the one before."""
        if gap <= 0:
            return
        if gap < self._longest_gap or abs(gap - self._gap) < _ALIKE * gap:
            self._cycle = gap
        self._gap = gap

    def _next(self, now: float) -> bytes | None:
        if self._calibration_due(now):
            self._calibration_asked = now
            self._calibration_tries += 1
            return b"EEPROM1"
        if self.mode.on_demand:
            if now - self._polled < self.mode.poll:
                return None
            self._polled = now
            return b"REQUEST1"
        silence = now - max(self._last_packet, self._last_sent)
        if self._started and silence <= self._longest_gap:
            return None
        self._started = True
        return b"PERIOD_ON"

    def _calibration_due(self, now: float) -> bool:
        patience = _ANSWER * min(max(1, self._calibration_tries), _MOST_PATIENT)
        return self.needs_calibration and now - self._calibration_asked >= patience

    def _quiet(self, now: float) -> bool:
        idle = now - self._last_byte
        if self._unfinished:
            # Half a packet, then nothing for several cycles: the rest will not come.
            return idle > self._longest_gap
        if self._last_sensor is not None and self._heard is Heard.SENSOR:
            return now - self._last_sensor <= _QUIET_SHARE * self.cycle or self._overdue(idle)
        return idle >= _SETTLE if self._last_sensor is None else self._overdue(idle)

    def _overdue(self, idle: float) -> bool:
        return idle > self._longest_gap or (self.mode.on_demand and idle >= _SETTLE)
