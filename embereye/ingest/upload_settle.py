"""Which uploaded files are complete: nothing written any more, size unchanged. Pure.

Source of the times: design "formats", Upload folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

DEBOUNCE = 0.5  # s after the last notice
STABLE = 2.0  # s without a change
PATIENCE = 10.0  # s; a file that still changes is tried again at its next notice
_LOOK = 0.25  # s between looks at one file: adds 12 % to STABLE at most


class Signature(NamedTuple):
    """What tells one state of a file from another: bytes, time of modification (ns).

    The file number is left out: some network drives give another one at each mount.
    """

    size: int
    modified: int


@dataclass(slots=True)
class _Pending:
    first: float
    quiet_since: float
    next_look: float
    signature: Signature | None = None
    stable_since: float = 0.0


class Settling:
    """Files that came and may still be written. All times are monotonic s. One thread.

    Attributes:
        unsettled: Times that a file was given up for now, because it still changed.
    """

    def __init__(self) -> None:
        self.unsettled = 0
        self._pending: dict[str, _Pending] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def __contains__(self, path: str) -> bool:
        return path in self._pending

    def noticed(self, path: str, now: float) -> None:
        """`path` was made, changed or moved here."""
        entry = self._pending.get(path)
        if entry is None:
            self._pending[path] = _Pending(now, now, now)
        else:
            entry.quiet_since = now

    def complete(
        self, now: float, signature_of: Callable[[str], Signature | None]
    ) -> list[tuple[str, Signature]]:
        """The files that are complete now, oldest notice first; they are forgotten here.

        `signature_of` looks at a file, None: it is gone, and is forgotten.
        """
        found: list[tuple[str, Signature]] = []
        for path, entry in list(self._pending.items()):
            if now < max(entry.next_look, entry.quiet_since + DEBOUNCE):
                if now - entry.first >= PATIENCE:
                    self._give_up(path)
                continue
            entry.next_look = now + _LOOK
            signature = signature_of(path)
            if signature is None:
                del self._pending[path]
            elif self._is_stable(entry, signature, now):
                del self._pending[path]
                found.append((path, signature))
            elif now - entry.first >= PATIENCE:
                self._give_up(path)
        return found

    def _is_stable(self, entry: _Pending, signature: Signature, now: float) -> bool:
        if signature != entry.signature:
            entry.signature, entry.stable_since = signature, now
            return False
        return now - entry.stable_since >= STABLE

    def _give_up(self, path: str) -> None:
        self.unsettled += 1
        del self._pending[path]
