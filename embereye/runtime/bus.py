"""Published messages reach the mailboxes that asked for their type."""

from threading import Lock
from typing import Any

from embereye.runtime.mailbox import Mailbox


class Bus:
    """Hands each message to the mailboxes subscribed to its exact type. Any thread.

    Publishing never blocks and never runs a subscriber's code.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._boxes: dict[type, tuple[Mailbox[Any], ...]] = {}

    def subscribe(self, box: Mailbox[Any], *types: type) -> None:
        """Deliver messages of these types into `box` from now on."""
        with self._lock:
            for kind in types:
                self._boxes[kind] = (*self._boxes.get(kind, ()), box)

    def unsubscribe(self, box: Mailbox[Any]) -> None:
        """Deliver nothing more into `box`."""
        with self._lock:
            self._boxes = {
                kind: tuple(b for b in boxes if b is not box) for kind, boxes in self._boxes.items()
            }

    def publish(self, message: object) -> None:
        """Hand `message` to all who asked for its type."""
        for box in self._boxes.get(type(message), ()):
            box.put(message)
