"""The load of `bench alarm`: calm devices and cameras, and now and then something that burns."""

import numpy as np

from embereye.model.detection import FIRE, Detection, DetectionResult
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import COLUMNS, ROWS, Profile, SensorReading, ThermalFrame
from embereye.runtime.clock import Clock

CAMERAS = 16
DEVICES = 100
DEVICE_RATE = 10.0  # packets/s each
CAMERA_RATE = 8.0  # detections/s each, the default of the settings
TICK = 0.01  # s between two bursts of the load
_FRAME_PERIOD = 4.085  # s between thermal frames of a real device (sensor protocol, section 1)
_CALM = np.full((ROWS, COLUMNS), 26.0, np.float32)
_HITS = 3  # detections in a row that make a fire (3 of 5)


def device_id(number: int) -> DeviceId:
    return DeviceId(f"d{number}")


def camera_id(number: int) -> CameraId:
    return CameraId(f"c{number}")


class Load:
    """Makes what arrives in each tick. One thread.

    Every burning device and every burning camera is a new one, so that each makes an alarm of
    its own place.

    Args:
        fires: Alarms to be caused, half by packets, half by detections.
    """

    def __init__(self, clock: Clock, fires: int, ticks: int) -> None:
        self._clock = clock
        self._every = max(1, ticks // fires)
        self._fires = fires
        self._owed = dict.fromkeys(("readings", "frames", "results"), 0.0)
        self._next = {"readings": 0, "frames": 0, "results": 0}
        self.caused = 0

    def burst(self, tick: int) -> list[object]:
        """Messages of one tick, as the sensor thread and the detection feeder post them."""
        found: list[object] = [
            self._reading(device_id(number), flame=False)
            for number in self._due("readings", DEVICES * DEVICE_RATE, DEVICES)
        ]
        found += [
            self._frame(device_id(number))
            for number in self._due("frames", DEVICES / _FRAME_PERIOD, DEVICES)
        ]
        found += [
            self._result(camera_id(number), 0.05)
            for number in self._due("results", CAMERAS * CAMERA_RATE, CAMERAS)
        ]
        if tick % self._every == 0 and self.caused < self._fires:
            found.extend(self._fire(self.caused))
            self.caused += 1
        return found

    def _fire(self, number: int) -> list[object]:
        if number % 2:
            camera = camera_id(CAMERAS + number // 2)
            return [self._result(camera, 0.9) for _ in range(_HITS)]
        return [self._reading(DeviceId(f"burning{number}"), flame=True)]

    def _due(self, kind: str, rate: float, sources: int) -> list[int]:
        """Whose turn it is in this tick, so that `rate` messages/s come from all in turn."""
        self._owed[kind] += rate * TICK
        count = int(self._owed[kind])
        self._owed[kind] -= count
        first = self._next[kind]
        self._next[kind] = (first + count) % sources
        return [(first + n) % sources for n in range(count)]

    def _reading(self, device: DeviceId, flame: bool) -> SensorReading:
        return SensorReading(device, self._clock.now(), 270, 1310, 3, flame)

    def _frame(self, device: DeviceId) -> ThermalFrame:
        at = self._clock.now()
        return ThermalFrame(device, at, Profile.CENTI27, _CALM, _CALM, 26.0, 26.0, 26.0)

    def _result(self, camera: CameraId, fire: float) -> DetectionResult:
        at = self._clock.now()
        boxes = (Detection(FIRE, fire, 10, 10, 60, 90),) if fire > 0.5 else ()
        return DetectionResult(camera, 0, at, at, boxes, fire, 0.0, True, "load", 0.0)
