"""The demonstration without a window: runs for a while and sums up what happened."""

from dataclasses import dataclass
from threading import Event
from typing import Any

from embereye.demo.run import Stage
from embereye.model.alarm import Alarm
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import AlarmChanged
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.metrics import percentile
from embereye.storage.queries import counts

_VIEW = (320, 240)  # headless runs count one viewer of this size per camera (targets)
_RATE = 15.0  # 1/s; the most that counts as due
_LOOK = 0.25  # s between looks at the announcements


@dataclass(frozen=True, slots=True)
class Announced:
    """One announcement.

    Attributes:
        at_s: Seconds after the start of the demonstration.
        latency: Seconds from the arrival of the packet or frame, None without one.
    """

    alarm: Alarm
    at_s: float
    latency: float | None


class Audience:
    """Watches all cameras, and writes down what is announced. One thread."""

    def __init__(self, stage: Stage, clock: Clock) -> None:
        self._stage = stage
        self._clock = clock
        self._began = clock.mono()
        self._box: Mailbox[AlarmChanged] = Mailbox(100_000, Full.GROW)
        self.announced: list[Announced] = []
        stage.program.bus.subscribe(self._box, AlarmChanged)
        desk = stage.program.desk
        cameras = [CameraId(camera.id) for camera in desk.settings().cameras]
        desk.demand([ViewDemand(camera, (_VIEW,), _RATE) for camera in cameras])

    def watch(self, seconds: float, stop: Event) -> None:
        """Watch for `seconds`, or until `stop` is set."""
        while not stop.is_set() and self._clock.mono() - self._began < seconds:
            self._take(_LOOK)

    def summary(self) -> dict[str, Any]:
        """The document of the command line's contract. While the program still runs."""
        self._take(0.0)
        desk = self._stage.program.desk
        latencies = [1000 * a.latency for a in self.announced if a.latency is not None]
        return {
            "seconds": round(self._clock.mono() - self._began, 1),
            "cameras": self._cameras(),
            "devices": self._devices(),
            "alarms": [_document(a) for a in self.announced],
            "rows": counts(self._stage.folder),
            "latency_ms": {
                "p50": _rounded(percentile(latencies, 50)),
                "p95": _rounded(percentile(latencies, 95)),
                "max": _rounded(max(latencies, default=None)),
            },
            "recording": desk.alarms().recording,
        }

    def _take(self, timeout: float) -> None:
        for message in self._box.take_all(timeout):
            # An escalation says again what is listed already.
            if message.announced and not message.alarm.escalation:
                latency = message.at.mono - message.origin.mono if message.origin else None
                at_s = round(message.at.mono - self._began, 2)
                self.announced.append(Announced(message.alarm, at_s, latency))

    def _of(self, source: str) -> list[dict[str, Any]]:
        return [_document(a) for a in self.announced if source in a.alarm.sources]

    def _cameras(self) -> list[dict[str, Any]]:
        return [
            {
                "id": camera.id,
                "source": camera.source,
                "state": camera.state.value,
                "due": camera.counters.due,
                "delivered": camera.counters.delivered,
                "alarms": self._of(f"camera {camera.id}"),
            }
            for camera in self._stage.program.desk.cameras().cameras
        ]

    def _devices(self) -> list[dict[str, Any]]:
        return [
            {
                "id": device.id,
                "profile": device.profile.value,
                "packets": device.packets,
                "corrupt": device.corrupt,
                "calibrated": not device.waiting_calibration,
                "max_celsius": _rounded(device.thermal.max_celsius if device.thermal else None),
                "alarms": self._of(f"device {device.id}"),
            }
            for device in self._stage.program.desk.devices().devices
        ]


def _document(announced: Announced) -> dict[str, Any]:
    alarm = announced.alarm
    return {
        "place": alarm.place_name or alarm.key.place,
        "kind": alarm.key.kind.value,
        "priority": alarm.priority.name.lower(),
        "reasons": list(alarm.reasons),
        "sources": list(alarm.sources),
        "at_s": announced.at_s,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
