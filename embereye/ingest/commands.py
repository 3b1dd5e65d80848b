"""When to send which command to a device on a half-duplex line, and what came of it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from embereye.ingest.command_queue import CommandQueue, is_piece, is_secure, public_text
from embereye.ingest.quiet import CYCLE, Heard, QuietLine
from embereye.model.device_messages import Direction

__all__ = ["CYCLE", "CommandMode", "CommandSchedule", "Heard"]

_SPACING = 1.0  # s between two commands; devices reject glued ones
_ANSWER = 10.0  # s to wait for an answer before asking again (sensor protocol, section 1)
_AFTER_CYCLE = 3.0  # s; #EEPROM comes 0.63 s after the next #Sensor, also when cycles are long
_MOST_PATIENT = 6  # times `_ANSWER` between later tries: once a minute disturbs nobody
_EVENTS = 64  # kept until they are taken; a command is two
_TERMINATORS = {"": b"", "CR": b"\r", "LF": b"\n", "CRLF": b"\r\n"}
_STREAM, _ONCE, _EEPROM = "PERIOD_ON", "REQUEST1", "EEPROM1"


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

    One question at a time: nothing else is sent until its answer came or is overdue. All times are
    monotonic seconds. One thread.

    Attributes:
        needs_calibration: Whether `EEPROM1` is to be asked.
        authenticated: Whether commands with a body (TIME, KEY, FW) may be sent.
        unanswered: Questions whose answer did not come in time.
    """

    def __init__(
        self, opened: float, mode: CommandMode | None = None, expected: float = 0.0
    ) -> None:
        """`expected`: cycle in s of a peer that streamed on its last connection, else 0."""
        self.mode = mode or CommandMode()
        self.needs_calibration = False
        self.authenticated = False
        self.unanswered = 0
        self._line = QuietLine(opened, expected)
        self._own = CommandQueue()
        self._queues: list[CommandQueue] = [self._own]
        self._waiting: dict[str, tuple[float, float]] = {}  # command: sent, answer overdue
        self._credit: set[Heard] = set()
        self._events: deque[tuple[Direction, str]] = deque(maxlen=_EVENTS)
        self._last_sent = float("-inf")
        self._started = False
        self._polled = float("-inf")
        self._calibration_asked = float("-inf")
        self._calibration_tries = 0

    @property
    def cycle(self) -> float:
        """Seconds between two `#Sensor` packets; of a real device until measured."""
        return self._line.cycle

    def stream_cycle(self, now: float) -> float:
        """Cycle in s of packets that nobody asked for, 0 without such; for `KnownStreams`."""
        return self._line.stream_cycle(now)

    def serve(self, queues: Iterable[CommandQueue]) -> None:
        """Send also what waits for the devices of this connection."""
        self._queues = [self._own, *queues]

    def ask(self, command: str, now: float) -> bool:
        """Send a command in the next quiet window; False when it is none or too many wait."""
        return self._own.ask(command, now)

    def heard_bytes(self, now: float, *, unfinished: bool) -> None:
        """Bytes came in, all their packets were `heard`; `unfinished`: they end inside a packet."""
        self._line.heard_bytes(now, unfinished=unfinished)

    def heard(self, what: Heard, now: float) -> None:
        """A valid packet came in."""
        asked = bool(self._credit) and what in self._credit
        if asked:
            self._credit.discard(what)
        self._line.heard(what, now, asked=asked and self.mode.on_demand)
        if self._waiting:
            self._recognise(what, now)

    def answered(self, command: str, now: float) -> None:
        """An answer to this command came, if it was asked."""
        waiting = self._waiting.pop(command, None)
        if waiting is not None:
            for queue in self._queues:
                queue.answered(command)
            text = f"answer to {public_text(command)} after {now - waiting[0]:.1f} s"
            self._events.append((Direction.RECEIVED, text))
        self._line.eeprom_due = _EEPROM in self._waiting

    def calibrated(self) -> None:
        """The calibration came."""
        self.needs_calibration = False
        self._calibration_tries = 0

    def talking(self, now: float) -> bool:
        """Whether the device is in the middle of a packet, which anything sent now may spoil."""
        return self._line.talking(now)

    def take_events(self) -> list[tuple[Direction, str]]:
        """What was sent, answered and not answered since the last call, for the device log."""
        if not self._events:
            return []
        events = list(self._events)
        self._events.clear()
        return events

    def due(self, now: float) -> bytes | None:
        """The command to send now as one segment, or None. Counts as sent."""
        command = self.due_text(now)
        if command is None:
            return None
        return command.encode("ascii") + _TERMINATORS[self.mode.terminator]

    def due_text(self, now: float) -> str | None:
        """As `due`, without a terminator: the body of an authenticated command."""
        if now - self._last_sent < _SPACING:
            return None
        if self._waiting:
            self._give_up(now)
        command = self._next(now)
        if command is None or not self._line.quiet(now):
            return None
        self._sent(command, now)
        return command

    def _next(self, now: float) -> str | None:
        if any(command != _EEPROM or not self.mode.on_demand for command in self._waiting):
            return None
        # On demand, #EEPROM comes after the next asked #Sensor: polling goes on meanwhile.
        if not self._waiting:
            asked = self._asked(now)
            if asked is not None:
                return asked
            if self._started and self._calibration_due(now):
                return _EEPROM
        if self.mode.on_demand:
            return _ONCE if now - self._polled >= self.mode.poll else None
        silence = now - max(self._line.last_packet, self._last_sent)
        return None if self._started and silence <= self._line.longest_gap else _STREAM

    def _asked(self, now: float) -> str | None:
        for queue in self._queues:
            if len(queue) == 0:
                continue
            for lost in queue.hopeless(now):
                why = f"after {lost.tries} tries" if lost.tries else "it found no quiet window"
                text = f"{public_text(lost.command)} is given up: {why}"
                self._events.append((Direction.EVENT, text))
            asked = queue.next(now, secure=self.authenticated)
            if asked is not None:
                return asked.command
        return None

    def _sent(self, command: str, now: float) -> None:
        self._line.settled(now)
        self._last_sent = now
        self._started = True
        if command == _EEPROM:
            self._calibration_asked = now
            self._calibration_tries += 1
        elif command == _ONCE:
            self._polled = now
            self._credit = {Heard.FRAME, Heard.SENSOR}
        overdue = now + max(_ANSWER, self.cycle + _AFTER_CYCLE)
        tries = self._note_sent(command, overdue)
        if not is_secure(command):
            self._waiting[command] = (now, overdue)
            self._line.eeprom_due = _EEPROM in self._waiting
        if is_piece(command):
            return  # hundreds of them would push all else out of the log
        again = f" (try {tries})" if tries > 1 else ""
        self._events.append((Direction.SENT, public_text(command) + again))

    def _note_sent(self, command: str, overdue: float) -> int:
        tries = self._calibration_tries if command == _EEPROM else 1
        for queue in self._queues:
            if is_secure(command):
                queue.answered(command)  # nothing answers these: sent is done
            else:
                tries = max(tries, queue.sent(command, overdue))
        return tries

    def _recognise(self, what: Heard, now: float) -> None:
        if what is Heard.CALIBRATION:
            self.answered(_EEPROM, now)
        elif what is not Heard.OTHER:
            self.answered(_ONCE, now)
            self.answered(_STREAM, now)

    def _give_up(self, now: float) -> None:
        """Note the questions whose answers are overdue; they may be asked again."""
        for command, (sent, overdue) in list(self._waiting.items()):
            if now >= overdue:
                del self._waiting[command]
                self.unanswered += 1
                text = f"no answer to {command} within {overdue - sent:.0f} s"
                self._events.append((Direction.EVENT, text))
        self._line.eeprom_due = _EEPROM in self._waiting

    def _calibration_due(self, now: float) -> bool:
        patience = _ANSWER * min(max(1, self._calibration_tries), _MOST_PATIENT)
        return self.needs_calibration and now - self._calibration_asked >= patience
