"""The newest figures of cameras for commands, from the program that owns a data folder."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embereye.model.camera import CameraStatus, CameraTable
from embereye.model.camera_clock import ClockTable
from embereye.model.camera_figures import CameraPast
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId
from embereye.runtime.instance import ask_owner

ASK = "camera figures"  # the "ask" of these requests on the owner's port

# What a row holds: fps, kbps (kbit/s), delay and clock in s, decoding in ms and in percent of a
# core; missed and reconnects since the program started. None: not known, or nothing runs.
NAMES = (
    "state", "fps", "kbps", "delay_s", "decode_ms", "core_percent", "missed", "reconnects",
    "clock_offset_s",
)  # fmt: skip

_log = logging.getLogger(__name__)

_MOST = 150  # cameras in one answer of at most 64 KiB: 330 bytes each with the longest id
_TIMEOUT = 3.0  # s; the answer is read from memory
_DIGITS = 3

Row = dict[str, Any]


class CameraAnswers:
    """Answers `ASK`. Any thread."""

    def __init__(
        self,
        cameras: Callable[[], CameraTable],
        pasts: Callable[[], Mapping[CameraId, CameraPast]],
        clocks: Callable[[], ClockTable],
    ) -> None:
        self._cameras = cameras
        self._pasts = pasts
        self._clocks = clocks

    def __call__(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The cameras from number "from" (0 without) on, and whether there are "more"."""
        begin = asked.get("from", 0)
        if not isinstance(begin, int) or begin < 0:
            return {"ok": False, "problem": "This program does not know that request."}
        cameras = self._cameras().cameras
        rows = {camera.id: self._row(camera) for camera in cameras[begin : begin + _MOST]}
        return {"ok": True, "cameras": rows, "more": begin + _MOST < len(cameras)}

    def _row(self, camera: CameraStatus) -> Row:
        past, check = self._pasts().get(camera.id), self._clocks().checks.get(camera.id)
        offset = None if check is None else check.offset
        row: Row = {"state": camera.state.value, "clock_offset_s": _short(offset)}
        if past is None:
            return row
        newest = past.newest
        return row | {
            "fps": _short(newest.rate),
            "kbps": _short(newest.kbps),
            "delay_s": _short(newest.lag),
            "decode_ms": _short(newest.decode_ms),
            "core_percent": _short(newest.core),
            "missed": past.totals.missed,
            "reconnects": past.totals.reconnects,
        }


def running_figures(folder: Path) -> dict[str, Row]:
    """The row of each camera, by id; empty when no program runs on `folder`, or none answers."""
    found: dict[str, Row] = {}
    try:
        while True:
            answer = ask_owner(folder, {"ask": ASK, "from": len(found)}, _TIMEOUT)
            rows = answer.get("cameras") if answer is not None else None
            if answer is None or not isinstance(rows, dict) or not rows.keys() - found.keys():
                return found
            for camera, row in rows.items():
                found[camera] = {name: row.get(name) for name in NAMES}
            if not answer.get("more"):
                return found
    except (StorageError, AttributeError) as error:  # busy, or a program that answers otherwise
        _log.warning("no figures of cameras: %s", error)
        return found


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
