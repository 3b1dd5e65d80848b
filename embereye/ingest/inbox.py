"""Where packets of authenticated devices wait until they are on the disk: the port.

`storage.inbox` fills it. A device is told that a packet arrived (`#a2`) only after the COMMIT.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from embereye.model.ids import DeviceId
from embereye.model.raw_packet import Progress, RawPacket

__all__ = ["Inbox", "Progress", "RawPacket"]


class Inbox(Protocol):
    """Stores packets once. Any thread; returns at once."""

    def progress(self, device: DeviceId) -> Progress:
        """What is stored of a device already, from memory; (0, 0) of an unknown one.

        Of its newest boot. A device throws away what this says is stored (`#ch2`).
        """

    def put(
        self, packets: Sequence[RawPacket], complete_to: int, done: Callable[[bool], None]
    ) -> None:
        """Store packets of one device and one boot; one that is stored already stays as it is.

        `done(True)` is called in the writer's thread after the COMMIT, `done(False)` when they
        will not be stored by this process (the device keeps and sends them again): the session
        then closes. Puts are stored, and their `done` called, in the order of the calls.

        Args:
            complete_to: The session vouches that once this and its earlier puts are stored,
                nothing that the device still has up to this number is missing; 0 vouches for
                nothing. It becomes the progress, and is what may be acknowledged after
                `done(True)`. A packet that was damaged on the way is missing: so a session may
                pass over a gap, at its first packet or later, only if nothing damaged came
                before; otherwise it closes, and the device sends from the progress on.
        """
