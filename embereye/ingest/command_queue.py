"""Commands that were asked for one device and wait for its quiet window; outlives connections."""

import re
from dataclasses import dataclass, field

_MOST = 8  # waiting at once; a window takes one command, so this is half a minute of a real device
_TRIES = 5  # without an answer; at 10 s each nearly a minute
_EXPIRY = 600.0  # s; nobody waits longer for an answer of a device that is away
# Bodies with a colon are for devices that proved who they are (sensor protocol, section 4).
_COMMAND = re.compile(r"PERIOD_ON|REQUEST1|EEPROM1|(?:TIME|KEY|FW):[ \"$-~]{1,3500}")

_PIECE = "FW:DATA:"


def is_command(text: str) -> bool:
    """Whether a device understands it."""
    return _COMMAND.fullmatch(text) is not None


def is_secure(text: str) -> bool:
    """Whether it may be sent only to a device that proved who it is."""
    return ":" in text


def is_piece(text: str) -> bool:
    """Whether it carries a piece of a firmware image: hundreds of them go to a device."""
    return text.startswith(_PIECE)


def public_text(command: str) -> str:
    """The command as a log shows it: without a key or an image, and no longer than a line."""
    if command.startswith("KEY:"):
        return "KEY:…"
    if command.startswith("TIME:"):
        return "TIME:…"  # the present time is put in when it is sent
    if is_piece(command):
        return f"{_PIECE}{command[len(_PIECE) :].partition(':')[0][:16]}:…"
    return command if len(command) <= 64 else f"{command[:64]}…"


@dataclass(slots=True)
class Asked:
    """One command that waits.

    Attributes:
        since: When it was asked for, monotonic s.
        tries: How often it was sent.
        busy_until: While it waits for an answer, else 0.
    """

    command: str = field(repr=False)
    since: float
    tries: int = 0
    busy_until: float = 0.0


class CommandQueue:
    """What people asked of one device, first come first served. Monotonic seconds; one thread."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    def __len__(self) -> int:
        return len(self._asked)

    def ask(self, command: str, now: float) -> bool:
        """Take a command, once; False when it is none or too many wait."""
        if not is_command(command):
            return False
        if any(asked.command == command for asked in self._asked):
            return True
        if len(self._asked) >= _MOST:
            return False
        self._asked.append(Asked(command, now))
        return True

    def next(self, now: float, *, secure: bool) -> Asked | None:
        """The command to send, None while none waits or one waits for its answer."""
        for asked in self._asked:
            if asked.busy_until > now:
                return None
            if secure or not is_secure(asked.command):
                return asked
        return None

    def sent(self, command: str, overdue: float) -> int:
        """It was sent and its answer is awaited until `overdue`; how often it was sent so far."""
        for asked in self._asked:
            if asked.command == command:
                asked.tries += 1
                asked.busy_until = overdue
                return asked.tries
        return 0

    def answered(self, command: str) -> None:
        """It is done."""
        self._asked = [asked for asked in self._asked if asked.command != command]

    def hopeless(self, now: float) -> list[Asked]:
        """Take out what was tried often enough or waited too long."""
        if not self._asked:
            return []
        idle = [asked for asked in self._asked if asked.busy_until <= now]
        lost = [a for a in idle if a.tries >= _TRIES or now - a.since > _EXPIRY]
        if lost:
            self._asked = [asked for asked in self._asked if asked not in lost]
        return lost
