"""Which contents of one camera were taken lately; survives a restart.

One small file of JSON lines for each camera, `{"sha256": …, "utc": …}`. Lines are appended; when
most of them have expired the file is written anew. It is written by one thread only.
"""

import json
import logging
import math
import os
from pathlib import Path
from typing import Any

from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_SPARE = 1000  # expired lines that are carried along; 90 KB
_LONGEST_FILE = 64 << 20  # bytes; 3600 s × 190 files a second, far beyond any camera
_DIGEST = 64  # hex digits of SHA-256


class UploadMemory:
    """Digests of the last `keep` s (by the wall clock, since a restart resets the other one).

    A disk that fails costs the memory after a restart, not the upload: it is logged once.

    Attributes:
        broken: Whether the file could not be read or written.
    """

    def __init__(self, path: Path, keep: float, clock: Clock) -> None:
        self.broken = False
        self._path = path
        self._keep = keep
        self._clock = clock
        self._taken: dict[str, float] = {}
        self._lines = 0
        self._torn = False
        self._load()

    def __len__(self) -> int:
        return len(self._taken)

    def knows(self, digest: str) -> bool:
        """Whether this content was taken within the last `keep` s."""
        at = self._taken.get(digest)
        return at is not None and self._is_fresh(at, self._clock.now().utc)

    def add(self, digest: str) -> None:
        """Remember that this content was taken just now."""
        now = self._clock.now().utc
        self._taken.pop(digest, None)  # the newest stands last
        self._taken[digest] = now
        self._forget(now)
        try:
            if self._torn or self._lines > len(self._taken) + _SPARE:
                self._rewrite()
            else:
                self._append(digest, now)
        except OSError as error:
            self._tell(error)

    def _load(self) -> None:
        try:
            if self._path.stat().st_size > _LONGEST_FILE:
                raise OSError("it is too large")
            text = self._path.read_text("utf-8", "replace")
        except FileNotFoundError:
            return
        except OSError as error:
            self._tell(error)
            return
        now = self._clock.now().utc
        for line in text.splitlines():
            self._lines += 1
            entry = _parsed(line)  # a line that was half-written at a power failure is passed over
            if entry is not None and self._is_fresh(entry[1], now):
                self._taken[entry[0]] = entry[1]
        self._torn = bool(text) and not text.endswith("\n")  # nothing is to join a half line

    def _append(self, digest: str, now: float) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line(digest, now))
        self._lines += 1

    def _rewrite(self) -> None:
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(_line(digest, at) for digest, at in self._taken.items())
        os.replace(fresh, self._path)
        self._lines, self._torn = len(self._taken), False

    def _forget(self, now: float) -> None:
        """Drop what expired; the oldest stand first."""
        for digest, at in list(self._taken.items()):
            if self._is_fresh(at, now):
                break
            del self._taken[digest]

    def _is_fresh(self, at: float, now: float) -> bool:
        """A wall clock that was set back must not make a memory last for years."""
        return abs(now - at) < self._keep

    def _tell(self, error: OSError) -> None:
        if not self.broken:
            _log.warning("uploads taken are not remembered in %s: %s", self._path, error)
        self.broken = True


def _line(digest: str, at: float) -> str:
    return json.dumps({"sha256": digest, "utc": at}) + "\n"


def _parsed(line: str) -> tuple[str, float] | None:
    try:
        found: Any = json.loads(line)
        digest, at = found["sha256"], float(found["utc"])
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
    whole = isinstance(digest, str) and len(digest) == _DIGEST and math.isfinite(at)
    return (digest, at) if whole else None
