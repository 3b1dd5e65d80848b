"""Reads one camera for ever: connects, delivers, reconnects, says what is wrong."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread

from embereye.ingest.camera_view import CameraView
from embereye.ingest.delivery import Delivery
from embereye.ingest.picture import Decode, PictureSource
from embereye.model.camera import CameraState, CaptureCounters
from embereye.model.errors import CameraRefused, CameraUnreachable, CameraUnsupported, EmberEyeError
from embereye.model.messages import CaptureChanged
from embereye.rules.camera_supervision import pause
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_READ_WAIT = 0.5  # s; longest wait of a paced source
_WATCH = 0.5  # s between looks at the reader
_STOP_WAIT = 0.6  # s for the reader to end by itself; leaves time within the promised 1 s
_GRACE = 4.0  # s beyond its own deadline before a call counts as hung; key rings take 3 s
_LEAST_PAUSE = 0.2  # s after an attempt that took longer than the pause; spares the processor
_MOST_LEFT_BEHIND = 3  # readers hung in a native call; more would only leak more threads
_LEFT_OUT = (Decode.KEY_FRAMES, Decode.NOTHING)  # packets without a picture are expected

Opener = Callable[[Callable[[float], object]], PictureSource]
Backoff = Callable[[int, float, bool], float]


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where a capture worker delivers.

    Attributes:
        view: The camera's picture slots.
        post: Takes `CaptureChanged`; called from the capture thread.
    """

    view: CameraView
    post: Callable[[object], None]


class CaptureWorker:
    """Reads one camera. `run` is hosted in a thread; `retry`, `leave` and `counters` are for any
    thread.

    A native call may block until its own deadline, or for ever in a bad driver. So `run` only
    watches, and a reader thread of its own makes the calls. When the worker is stopped, or when a
    call overstays its deadline by 4 s, the reader is left behind: it can neither deliver nor
    report any more, closes its source as soon as the call returns, and ends.

    Args:
        opener: Makes a closed source; it is given a wait that ends early at a stop or a retry.
        backoff: Seconds of pause from (failures in a row, seconds of outage, refused).
        grace: Seconds beyond its own deadline before a native call counts as hung.
        before: What was counted by a worker that this one goes on for.
    """

    def __init__(
        self,
        opener: Opener,
        outlet: Outlet,
        clock: Clock,
        backoff: Backoff | None = None,
        grace: float = _GRACE,
        before: CaptureCounters | None = None,
    ) -> None:
        self._opener = opener
        self._outlet = outlet
        self._clock = clock
        self._backoff = backoff or _jittered
        self._grace = grace
        self._counters = before or CaptureCounters()
        self._left = False
        self._reader: _Reader | None = None
        self._left_behind: list[_Reader] = []

    @property
    def counters(self) -> CaptureCounters:
        """What was done so far, over all connections."""
        reader = self._reader  # its own thread may replace it at any moment
        return reader.counters if reader is not None else self._counters

    @property
    def stuck(self) -> int:
        """Readers that are still held by a native call after they were left behind."""
        return sum(reader.alive for reader in self._left_behind)

    def retry(self) -> None:
        """Try again at once, whatever pause there was."""
        reader = self._reader
        if reader is not None:
            reader.retry()

    def leave(self) -> None:
        """Deliver and report nothing from now on; the last thing before a stop."""
        self._left = True
        reader = self._reader
        if reader is not None:
            reader.leave()

    def run(self, stop: Event) -> None:
        """Read until `stop` is set; return within 1 s of that. Raises what is a bug of ours."""
        announced: CameraState | None = None
        while not (stop.is_set() or self._left):
            self._left_behind = [reader for reader in self._left_behind if reader.alive]
            if len(self._left_behind) >= _MOST_LEFT_BEHIND:
                stop.wait(_WATCH)
                continue
            announced = self._run_reader(stop, announced)

    def _run_reader(self, stop: Event, announced: CameraState | None) -> CameraState | None:
        reader = _Reader(self._opener, self._outlet, self._clock, self._backoff, self._counters)
        reader.announced = announced
        self._reader = reader
        reader.start()
        try:
            while not stop.wait(_WATCH) and reader.alive and not reader.hung(self._grace):
                pass
        finally:
            self._retire(reader, stop)
        if reader.bug is not None:
            raise reader.bug
        return reader.announced

    def _retire(self, reader: "_Reader", stop: Event) -> None:
        hung = reader.hung(self._grace) and not stop.is_set()
        reader.leave()
        if not hung:
            reader.join(_STOP_WAIT)
        self._counters = reader.counters
        self._reader = None
        if reader.alive:
            self._left_behind.append(reader)
            _log.info("the reader of camera %s is left behind", self._outlet.view.camera)
        if hung:
            reader.say_hung()


class _Reader:
    """One reader thread: connects, reads and pauses until it is left."""

    def __init__(
        self,
        opener: Opener,
        outlet: Outlet,
        clock: Clock,
        backoff: Backoff,
        counters: CaptureCounters,
    ) -> None:
        self.announced: CameraState | None = None
        self.bug: BaseException | None = None
        self._outlet = outlet
        self._clock = clock
        self._backoff = backoff
        self._source = opener(self._wait)
        self._delivery = Delivery(outlet.view, clock, counters)
        self._received = counters.received  # before this reader
        self._detail = ""
        self._left = False
        self._wake = Event()
        self._retry_asked = False
        self._deadline: float | None = None  # mono by which the native call must be over
        self._picture_at = self._quiet_since = self._attempt_at = clock.mono()
        self._failures = self._refusals = 0  # in a row
        name = f"reader-{outlet.view.camera}"
        self._thread = Thread(target=self._run, name=name, daemon=True)

    # --- for the watching thread ---------------------------------------------------------------

    @property
    def counters(self) -> CaptureCounters:
        source = self._source
        received = self._received + source.received
        return replace(self._delivery.counters, received=received, decoder=source.decoder)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def hung(self, grace: float) -> bool:
        """Whether a native call overstays its own deadline by `grace` s."""
        deadline = self._deadline
        return deadline is not None and self._clock.mono() > deadline + grace

    def leave(self) -> None:
        """Deliver and report nothing from now on, and end as soon as possible."""
        self._left = True
        self._wake.set()

    def retry(self) -> None:
        self._retry_asked = True
        self._wake.set()

    def say_hung(self) -> None:
        """Report, in place of the reader, that it hangs."""
        self._say(CameraState.NO_SIGNAL, "The camera hangs. It is being connected again.")

    # --- the reader thread itself --------------------------------------------------------------

    def _run(self) -> None:
        try:
            if self.announced is None:
                self._tell(CameraState.CONNECTING, "")
            while not self._left:
                self._connection()
                if not self._leaving():
                    self._rest()
        except Exception as bug:  # noqa: BLE001 - raised again in the hosting thread
            self.bug = bug

    def _connection(self) -> None:
        """Connect and read until something fails or the reader is left."""
        self._attempt_at = self._clock.mono()
        try:
            self._expect(self._source.deadlines.open)
            self._source.open()
            source, occasional = self._source, self._source.deadlines.occasional
            self._delivery.connected(source.interval, live=source.live, occasional=occasional)
            self._quiet_since = self._clock.mono()
            if occasional:
                self._live()
            while not self._left:
                self._read()
        except CameraRefused as error:
            self._failed(CameraState.WRONG_PASSWORD, error)
        except CameraUnsupported as error:
            self._failed(CameraState.UNSUPPORTED, error)
        except EmberEyeError as error:
            self._failed(CameraState.NO_SIGNAL, error)
        finally:
            self._expect(self._source.deadlines.open)
            self._source.close()
            self._deadline = None

    def _read(self) -> None:
        source = self._source
        source.decode = self._delivery.wanted_decoding()
        before = source.arrived
        self._expect(source.deadlines.read)
        picture = source.read(_READ_WAIT)
        if self._left:
            return
        if picture is not None:
            self._delivery.deliver(picture, source.until_key)
            self._live()
        elif source.arrived != before and source.decode in _LEFT_OUT:
            self._delivery.arrived(self._clock.now())
            self._quiet_since = self._clock.mono()
        if self._clock.mono() - self._quiet_since > _silence(source):
            raise CameraUnreachable("The camera is connected, but sends no picture. Check it.")

    def _live(self) -> None:
        self._picture_at = self._quiet_since = self._clock.mono()
        if self.announced is not CameraState.LIVE:
            self._failures = self._refusals = 0
            self._tell(CameraState.LIVE, "")

    def _failed(self, state: CameraState, error: EmberEyeError) -> None:
        if state is CameraState.WRONG_PASSWORD:
            self._refusals += 1
        else:
            self._failures += 1
        self._tell(state, str(error))

    def _rest(self) -> None:
        """Pause after a failure, then make ready for the next connection."""
        self._wake.wait(self._pause())
        if self._left:
            return
        self._wake.clear()
        counters = self._delivery.counters
        self._delivery = Delivery(
            self._outlet.view, self._clock, replace(counters, reconnects=counters.reconnects + 1)
        )
        if self._retry_asked:
            self._retry_asked = False
            self._failures = self._refusals = 0
            self._tell(CameraState.CONNECTING, "")

    def _pause(self) -> float:
        """Seconds to the next attempt. One that hung has waited already while it did."""
        now = self._clock.mono()
        refused = self.announced is CameraState.WRONG_PASSWORD
        attempts = self._refusals if refused else self._failures
        pause = self._backoff(attempts, now - self._picture_at, refused)
        if refused or self._picture_at > self._attempt_at:
            return pause
        return max(min(pause, _LEAST_PAUSE), pause - (now - self._attempt_at))

    def _tell(self, state: CameraState, detail: str) -> None:
        if not self._left:
            self._say(state, detail)

    def _say(self, state: CameraState, detail: str) -> None:
        """Post a change; the first failure and the recovery also go to the log."""
        if (state, detail) == (self.announced, self._detail):
            return
        if state is not self.announced:
            level = logging.WARNING if detail else logging.INFO
            what = f" - {detail}" if detail else ""
            _log.log(level, "camera %s: %s%s", self._outlet.view.camera, state.value, what)
        self.announced, self._detail = state, detail
        self._outlet.post(
            CaptureChanged(self._outlet.view.camera, state, detail, self._clock.now())
        )

    def _expect(self, seconds: float) -> None:
        self._deadline = self._clock.mono() + seconds

    def _wait(self, seconds: float) -> None:
        """A pause of a paced source, ended early when the reader is left."""
        if not self._left and self._wake.wait(seconds) and not self._leaving():
            self._wake.clear()  # a retry of a camera that works: nothing to do
            self._retry_asked = False

    def _leaving(self) -> bool:
        return self._left


def _jittered(failures: int, outage: float, refused: bool) -> float:
    chance = random.random()  # noqa: S311 - spreads load, guards nothing
    return pause(failures, outage, chance, refused=refused)


def _silence(source: PictureSource) -> float:
    """Seconds of packets without a picture that are waited for: a long key frame distance."""
    deadlines = source.deadlines
    if deadlines.picture is not None:
        return deadlines.picture
    return deadlines.open + deadlines.read + 15.0
