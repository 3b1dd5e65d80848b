"""The bytes of one serial line on their way to its conversation in the sensor thread, and back."""

import asyncio
import math
from collections.abc import Callable

from embereye.config.schema import ListenerLimits
from embereye.ingest.conversation import Conversation, Owner
from embereye.runtime.mailbox import Full, Mailbox

PIECE = 4096  # bytes handed over at once; two pieces are the longest packet
_PIECES = 16  # that wait for the sensor thread: 64 KiB, 5 s of a line at 115,200 bit/s
_COMMANDS = 64  # packets that wait for the port: answers to a burst of authenticated ones


class SerialWire:
    """The wire below a conversation. Methods are for the sensor thread unless they say otherwise.

    Attributes:
        over: Why the conversation ended, "" while it lasts. Any thread.
    """

    def __init__(self, owner: Owner, call_soon: Callable[[Callable[[], None]], bool], name: str):
        """`call_soon` runs something in the sensor thread (`SensorServer.call_soon`)."""
        self.over = ""
        self._call_soon = call_soon
        self._conversation = _PatientConversation(owner, self, f"serial:{name}")
        self._owner = owner
        self._in: Mailbox[bytes] = Mailbox(_PIECES, Full.REFUSE)
        self._out: Mailbox[bytes] = Mailbox(_COMMANDS, Full.REFUSE)
        self._resume: asyncio.TimerHandle | None = None

    # --- for the port's own thread ---

    def start(self) -> bool:
        """Begin the conversation; False while the listener does not run."""
        return self._call_soon(self._begin)

    def hand(self, data: bytes) -> bool:
        """Pass on at most `PIECE` bytes; False when they are to be offered again later."""
        if not self._in.put(data):
            return False
        self._call_soon(self._drain)
        return True

    def outgoing(self) -> list[bytes]:
        """What is to be written to the port now."""
        return self._out.take_all(0.0)

    def end(self, reason: str) -> None:
        """The port is gone: so is its conversation."""
        self._call_soon(lambda: self.close(reason))

    # --- for the conversation ---

    def write(self, data: bytes) -> None:
        """Send; returns at once."""
        self._out.put(data)

    def can_write(self) -> bool:
        """Whether the port took all that was written before."""
        return not self.over and len(self._out) == 0

    def adjust_reading(self) -> None:
        """The program can take bytes again, or can not."""
        self._drain()

    def close(self, reason: str) -> None:
        """End the conversation; the port is closed by its own thread."""
        if self.over:
            return
        self.over = reason
        if self._resume is not None:
            self._resume.cancel()
        self._conversation.closed(reason)

    def _begin(self) -> None:
        if not self._conversation.open():
            self.over = "refused"
            return
        self._conversation.take_limits(self._owner.limits)

    def _drain(self) -> None:
        while not self.over and self._resume is None and not self._conversation.held:
            waiting = self._in.take_all(0.0, 1)
            if not waiting:
                return
            pause = self._conversation.receive(waiting[0])
            if pause > 0:
                self._resume = asyncio.get_running_loop().call_later(pause, self._go_on)

    def _go_on(self) -> None:
        self._resume = None
        self._drain()


class _PatientConversation(Conversation):
    """Nobody else can take a serial line, so silence does not end it; supervision tells of it."""

    def take_limits(self, limits: ListenerLimits) -> None:
        patient = {"first_packet": math.inf, "idle": math.inf}
        super().take_limits(limits.model_copy(update=patient))
