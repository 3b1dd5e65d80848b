"""Detectors in child processes that can hang or die without taking anything else along."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import wait
from threading import Event

from embereye.model.detection import DetectionResult
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.runtime.clock import Clock
from embereye.runtime.metrics import Samples
from embereye.vision.looks import CameraLooks, Looks, ModelChoice
from embereye.vision.pool_child import PoolOptions
from embereye.vision.pool_seat import Seat

_log = logging.getLogger(__name__)

Body = Callable[..., None]


@dataclass(frozen=True, slots=True)
class PoolLatency:
    """Percentiles in seconds; None before the first verdict.

    Attributes:
        wait: From decoding to the hand-over to a child.
        run: The detector's own time.
        total: From decoding to the verdict's arrival.
    """

    wait_p50: float | None
    wait_p95: float | None
    run_p50: float | None
    run_p95: float | None
    total_p50: float | None
    total_p95: float | None


@dataclass(frozen=True, slots=True)
class PoolState:
    """The pool as it stands.

    Attributes:
        detectors: Name of each child's detector; empty while it starts.
        trouble: What the operator should know (lost models), empty when all is well.
        restarts: Children replaced so far.
        lost: Pictures whose child was replaced.
        troubles: (model, why it is left out), each model once.
        remarks: (child, what is wrong with it) of those that are replaced again and again.
        providers: (model, what runs it), each model once.
    """

    detectors: tuple[str, ...]
    trouble: str
    restarts: int
    lost: int
    verdicts: int
    latency: PoolLatency
    troubles: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    providers: tuple[tuple[str, str], ...] = ()


class DetectorPool:
    """Spreads cameras over child processes. Lives in one thread (the detection feeder's).

    A camera stays with its child, since detectors remember; each child has one picture at a time.
    A child that hangs longer than the deadline, grows too large or dies is replaced alone; its
    cameras start with an empty memory.
    """

    def __init__(self, options: PoolOptions, clock: Clock, body: Body | None = None) -> None:
        self._clock = clock
        self._seats = [
            Seat(f"detector {number + 1}", options, clock, body)
            for number in range(max(1, options.processes))
        ]
        self._of_camera: dict[CameraId, Seat] = {}
        self._nobody = Event()  # never set
        self._looks = Looks()
        if options.model:
            chosen = ModelChoice(options.model, options.model)
            self.assign(Looks(others=CameraLooks((chosen,))))
        self._wait, self._run, self._total = Samples(), Samples(), Samples()

    def start(self) -> None:
        """Start the children; they are usable when they report, about 0.5 s later."""
        for seat in self._seats:
            seat.start()

    def assign(self, looks: Looks) -> None:
        """Look at cameras in this way from now on; children load and drop models as needed.

        A camera whose detectors stay the same keeps its memory; the pictures of all cameras of a
        child wait while it loads a model.
        """
        self._looks = looks
        for camera in looks.cameras:
            self._bind(camera)
        for seat in self._seats:
            seat.assign(looks.only(seat.cameras))

    def idle(self, camera: CameraId) -> bool:
        """Whether the camera's child would take a picture now."""
        return self._seat(camera).idle

    def submit(self, frame: Frame) -> bool:
        """Hand a frame over; False when the camera's child is busy, starting or gone."""
        taken = self._seat(frame.camera).submit(frame)
        if taken:
            self._wait.add(self._clock.mono() - frame.at.mono)
        return taken

    def collect(self, timeout: float) -> list[DetectionResult]:
        """Verdicts that have arrived, waiting at most `timeout` s; replaces stuck children."""
        pipes = [seat.pipe for seat in self._seats if seat.pipe is not None]
        if pipes:
            wait(pipes, timeout)
        else:  # between two children each; without a pause this would turn at full speed
            self._nobody.wait(timeout)
        results = []
        for seat in self._seats:
            for result in seat.collect():
                self._run.add(result.seconds)
                self._total.add(result.at.mono - result.frame_at.mono)
                results.append(result)
            seat.check()
        return results

    def forget(self, cameras: Iterable[CameraId]) -> None:
        """Drop cameras that are gone."""
        for camera in cameras:
            seat = self._of_camera.pop(camera, None)
            if seat is not None:
                seat.forget(camera)

    def renew(self, camera: CameraId) -> None:
        """Let detectors forget what they saw at a camera, since it shows another scene."""
        seat = self._of_camera.get(camera)
        if seat is not None:
            seat.renew(camera)

    def close(self, deadline: float = 1.0) -> None:
        """End all children, by force after `deadline` s each, and free the memory."""
        for seat in self._seats:
            seat.close(deadline)

    @property
    def state(self) -> PoolState:
        """A frozen snapshot."""
        troubles = {name: text for seat in self._seats for name, text in seat.troubles.items()}
        running = {name: used for seat in self._seats for name, used in seat.providers.items()}
        return PoolState(
            detectors=tuple(seat.detector for seat in self._seats),
            trouble=" ".join(dict.fromkeys(troubles.values())),
            restarts=sum(seat.restarts for seat in self._seats),
            lost=sum(seat.lost for seat in self._seats),
            verdicts=self._total.count,
            latency=PoolLatency(
                self._wait.percentile(50),
                self._wait.percentile(95),
                self._run.percentile(50),
                self._run.percentile(95),
                self._total.percentile(50),
                self._total.percentile(95),
            ),
            troubles=tuple(sorted(troubles.items())),
            remarks=tuple((seat.name, seat.remark) for seat in self._seats if seat.remark),
            providers=tuple(sorted(running.items())),
        )

    def _seat(self, camera: CameraId) -> Seat:
        seat = self._of_camera.get(camera)
        if seat is None:
            seat = self._bind(camera)
            seat.assign(self._looks.only(seat.cameras))
        return seat

    def _bind(self, camera: CameraId) -> Seat:
        seat = self._of_camera.get(camera)
        if seat is None:
            seat = min(self._seats, key=lambda candidate: len(candidate.cameras))
            seat.cameras.add(camera)
            self._of_camera[camera] = seat
            _log.debug("%s looks at camera %s", seat.name, camera)
        return seat
