"""The load of `bench alarm`: things that burn, one after the other, each at a place of its own."""

from multiprocessing.connection import Connection
from threading import Event

from embereye.bench.sensor_load import connect
from embereye.model.detection import FIRE, Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.runtime.clock import Clock, SystemClock

# s between two packets that burn; verdicts come half a period beside them. Each must have been
# acknowledged before the next: what sounds for a fire is not interrupted by anything lower.
PERIOD = 1.5
_CARRIED = 8  # devices of one connection, as a gateway has
_HITS = 3  # verdicts in a row that make a fire (3 of 5)


def burning_camera(number: int) -> CameraId:
    """A camera that burns; nothing is captured from it."""
    return CameraId(f"burning camera {number}")


def burning_packets(port: int, count: int, results: Connection) -> None:
    """Play one device after the other whose flame input is on. Body of a process of its own."""
    clock, pause = SystemClock(), Event()
    began = clock.mono()
    lines = []
    for number in range(count):
        if number % _CARRIED == 0:
            lines.append(connect(port))
        pause.wait(max(0.0, began + number * PERIOD - clock.mono()))
        name = f"burning{number}"
        lines[-1].send(f"#Sensor{name}:{name}:ADC1=270,ADC2=1310,ADC3=3,DIO=1!\r\n".encode())
    pause.wait(PERIOD)
    for line in lines:
        line.close()
    results.send(count)


def burning_verdicts(clock: Clock, number: int) -> list[DetectionResult]:
    """What the detectors say of a camera that burns, as it arrives now."""
    at = clock.now()
    boxes = (Detection(FIRE, 0.9, 10, 10, 60, 90),)
    camera = burning_camera(number)
    one = DetectionResult(camera, 0, at, at, boxes, 0.9, 0.0, True, "load", 0.0, (640, 360))
    return [one] * _HITS
