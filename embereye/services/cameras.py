"""The register of cameras: what each one is, how it does, and when that is a fault."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from embereye.config.schema import Camera, Settings
from embereye.ingest.capture import CaptureWorker, Opener, Outlet
from embereye.ingest.source import Source, redact
from embereye.ingest.views import Detecting, Views
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.camera import CameraState, CameraStatus, CameraTable, CaptureCounters
from embereye.model.errors import SourceError
from embereye.model.ids import CameraId, PlaceId
from embereye.model.messages import (
    CaptureChanged,
    EnableCameraAsked,
    RequestRefused,
    RetryCameraAsked,
    TableChanged,
)
from embereye.model.stamp import Stamp
from embereye.rules.camera_supervision import Link, Verdict, judge
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor

_log = logging.getLogger(__name__)

_SUPERVISE = 0.25  # s; a picture is called stale at most this late
_SHOWN = 1.0  # s between snapshots that differ in counters only

_HINTS = {
    CameraState.STALE: "The camera is connected, but its picture stands still.",
    CameraState.CONNECTING: "Connecting.",
    CameraState.DISABLED: "Switched off. Enable it to see it again.",
}


class AlarmDesk(Protocol):
    """Where faults are reported: the alarm service."""

    def report(self, report: Report) -> None:
        """Take the verdict on one key. Engine thread."""


OpenerOf = Callable[[Camera], tuple[Source, Opener]]


@dataclass(frozen=True, slots=True)
class Capture:
    """What cameras are captured with.

    Attributes:
        supervisor: Hosts the workers.
        views: Receives the pictures.
        opener_of: Checks a camera's source; raises SourceError.
    """

    supervisor: Supervisor
    views: Views
    opener_of: OpenerOf


class _Entry:
    """One camera of the register. Engine thread."""

    def __init__(self, camera: Camera, place: PlaceId, place_name: str, at: Stamp) -> None:
        self.camera = camera
        self.id = CameraId(camera.id)
        self.place = place
        self.place_name = place_name
        self.enabled = camera.enabled
        self.worker: CaptureWorker | None = None
        self.source = redact(camera.source)
        self.link = CameraState.CONNECTING
        self.detail = ""
        self.started = at
        self.state = CameraState.CONNECTING
        self.since = at
        self.fault: bool | None = None  # as reported last
        self.fault_state = CameraState.CONNECTING  # its state then

    @property
    def counters(self) -> CaptureCounters:
        return self.worker.counters if self.worker is not None else CaptureCounters()

    @property
    def key(self) -> AlarmKey:
        return AlarmKey(self.place, AlarmKind.CAMERA_FAULT, self.camera.id)

    def set_link(self, state: CameraState, detail: str) -> None:
        self.link = state
        self.detail = detail


class Cameras:
    """Owns which cameras run. All methods belong to the engine thread; `current` to any.

    An `EnableCameraAsked` takes effect here at once, whether or not it can be saved; the
    configuration service saves it.
    Publishes `TableChanged("cameras")`, at once for a change of state, each second for counters.
    """

    def __init__(
        self,
        engine: Engine,
        capture: Capture,
        alarms: AlarmDesk,
        publish: Callable[[object], None],
    ) -> None:
        self.current = CameraTable()
        self._engine = engine
        self._clock = engine.clock
        self._capture = capture
        self._alarms = alarms
        self._publish = publish
        self._entries: dict[CameraId, _Entry] = {}
        self._shown_at = 0.0
        self._detect_rate = 0.0
        engine.on(CaptureChanged, self._capture_changed)
        engine.on(RetryCameraAsked, self._retry)
        engine.on(EnableCameraAsked, self._enable)
        engine.every(_SUPERVISE, self._supervise)

    def apply(self, settings: Settings) -> None:
        """Follow the settings: start, stop and restart only the cameras that they change."""
        self._detect_rate = settings.detection.rate if settings.detection.enabled else 0.0
        names = {place.id: place.name for place in settings.places}
        for gone in self._entries.keys() - {CameraId(c.id) for c in settings.cameras}:
            self._remove(gone)
        ordered: dict[CameraId, _Entry] = {}
        for camera in settings.cameras:
            place = PlaceId(camera.place or camera.id)
            name = names.get(str(place), camera.name)
            ordered[CameraId(camera.id)] = self._placed(camera, place, name)
        self._entries = ordered
        self._refresh()

    def restart(self, camera: CameraId) -> None:
        """Connect again from scratch, such as after a new password."""
        entry = self._entries.get(camera)
        if entry is not None and entry.enabled:
            self._stop(entry)
            self._start(entry)
            self._refresh()

    def stop(self) -> None:
        """Tell every worker to stop; `Supervisor.stop_all` waits for them."""
        for entry in self._entries.values():
            self._stop(entry)

    # --- settings ------------------------------------------------------------------------------

    def _placed(self, camera: Camera, place: PlaceId, name: str) -> _Entry:
        old = self._entries.get(CameraId(camera.id))
        if old is None:
            entry = _Entry(camera, place, name, self._clock.now())
            self._follow(entry)
            return entry
        if old.place != place:
            self._end_fault(old)
        restart = _connection(old.camera) != _connection(camera) or old.enabled != camera.enabled
        restart |= old.enabled and old.worker is None  # its folder may be allowed by now
        old.camera, old.place, old.place_name = camera, place, name
        old.enabled = camera.enabled
        if restart:
            self._follow(old)
        else:
            self._capture.views.add(old.id, self._detecting(camera))
        return old

    def _follow(self, entry: _Entry) -> None:
        """Make the worker fit the entry's settings."""
        self._stop(entry)
        if entry.enabled:
            self._start(entry)
        else:
            entry.set_link(CameraState.DISABLED, _HINTS[CameraState.DISABLED])

    def _remove(self, camera: CameraId) -> None:
        entry = self._entries[camera]
        self._stop(entry)
        self._end_fault(entry)
        self._capture.views.remove(camera)

    def _start(self, entry: _Entry) -> None:
        entry.started = self._clock.now()
        try:
            source, opener = self._capture.opener_of(entry.camera)
        except SourceError as error:
            entry.set_link(CameraState.UNSUPPORTED, str(error))
            return
        entry.source = source.text
        entry.set_link(CameraState.CONNECTING, "")
        view = self._capture.views.add(entry.id, self._detecting(entry.camera))
        entry.worker = CaptureWorker(opener, Outlet(view, self._engine.post), self._clock)
        self._capture.supervisor.start(_worker_name(entry.id), entry.worker)

    def _stop(self, entry: _Entry) -> None:
        if entry.worker is not None:
            entry.worker.leave()
            self._capture.supervisor.dismiss(_worker_name(entry.id))
            entry.worker = None
        view = self._capture.views.of(entry.id)
        if view is not None:
            view.clear()

    def _detecting(self, camera: Camera) -> Detecting:
        return Detecting(self._detect_rate if camera.detect else 0.0, camera.inference_max_side)

    # --- messages ------------------------------------------------------------------------------

    def _capture_changed(self, message: CaptureChanged) -> None:
        entry = self._entries.get(message.camera)
        if entry is None or entry.worker is None or message.at < entry.started:
            return  # from a worker that was stopped meanwhile
        entry.set_link(message.state, message.detail)
        self._supervise()

    def _retry(self, request: RetryCameraAsked) -> None:
        entry = self._known(request.camera, request.actor)
        if entry is None:
            return
        if not entry.enabled:
            text = f"{entry.camera.name} is switched off. Enable it first."
            self._publish(RequestRefused(text, request.actor))
        elif entry.worker is None:
            self._start(entry)
            self._refresh()
        else:
            entry.worker.retry()

    def _enable(self, request: EnableCameraAsked) -> None:
        entry = self._known(request.camera, request.actor)
        if entry is None or entry.enabled == request.enabled:
            return
        _log.info("%s: camera %s enabled=%s", request.actor, request.camera, request.enabled)
        entry.enabled = request.enabled
        self._follow(entry)
        self._supervise()

    def _known(self, camera: CameraId, actor: str) -> _Entry | None:
        entry = self._entries.get(camera)
        if entry is None:
            self._publish(RequestRefused(f"There is no camera {camera}.", actor))
        return entry

    # --- supervision ---------------------------------------------------------------------------

    def _supervise(self) -> None:
        changed = self._judge()
        if changed or self._clock.mono() - self._shown_at >= _SHOWN:
            self._show()

    def _refresh(self) -> None:
        self._judge()
        self._show()

    def _judge(self) -> bool:
        """Look at every camera; whether the state of any changed."""
        now = self._clock.now()
        changed = False
        for entry in self._entries.values():
            verdict = judge(_link(entry), now.mono)
            if verdict.state is not entry.state:
                entry.state, entry.since = verdict.state, now
                changed = True
            if _is_news(entry, verdict):
                entry.fault, entry.fault_state = verdict.fault, verdict.state
                self._report(entry, verdict, now)
        return changed

    def _report(self, entry: _Entry, verdict: Verdict, now: Stamp) -> None:
        cause = Cause.ACTIVE if verdict.fault else Cause.CLEAR
        reasons = (_reason(entry, verdict),) if verdict.fault else ()
        self._alarms.report(
            Report(
                entry.key,
                cause,
                Priority.DIAGNOSTIC,
                reasons,
                now,
                entry.place_name,
                (entry.camera.id,),
            )
        )

    def _end_fault(self, entry: _Entry) -> None:
        """A camera that is gone (or elsewhere) is no fault of its old place any more."""
        if entry.fault:
            entry.fault = None
            gone = Verdict(CameraState.DISABLED, False, 0.0)
            self._report(entry, gone, self._clock.now())

    def _show(self) -> None:
        now = self._clock.now()
        self._shown_at = now.mono
        statuses = tuple(_status(entry) for entry in self._entries.values())
        self.current = CameraTable(self.current.revision + 1, statuses)
        self._publish(TableChanged("cameras", now))


def _connection(camera: Camera) -> Camera:
    """`camera` with everything left out that can change without a new connection."""
    left_out = {"name": "-", "place": "", "group": "", "detect": True, "inference_max_side": 0}
    return camera.model_copy(update={**left_out, "enabled": True})


def _link(entry: _Entry) -> Link:
    counters = entry.counters
    last = counters.last_frame.mono if counters.last_frame is not None else None
    return Link(entry.link, entry.started.mono, last, counters.interval)


def _is_news(entry: _Entry, verdict: Verdict) -> bool:
    """Whether the alarms must hear of it: a fault begins, ends, or has another cause."""
    if verdict.fault is None or (verdict.state is CameraState.CONNECTING and entry.fault):
        return False
    other = verdict.fault and verdict.state is not entry.fault_state
    return verdict.fault != entry.fault or other


def _reason(entry: _Entry, verdict: Verdict) -> str:
    if verdict.state is CameraState.WRONG_PASSWORD:
        return f"{entry.camera.name}: {_detail(entry, verdict.state)}"
    silent = f"no picture for {verdict.silent:.0f} s"
    return f"{entry.camera.name}: {silent}. {_detail(entry, verdict.state)}"


def _detail(entry: _Entry, state: CameraState) -> str:
    return entry.detail or _HINTS.get(state, "")


def _status(entry: _Entry) -> CameraStatus:
    return CameraStatus(
        id=entry.id,
        name=entry.camera.name,
        place=entry.place,
        group=entry.camera.group,
        source=entry.source,
        state=entry.state,
        detail="" if entry.state is CameraState.LIVE else _detail(entry, entry.state),
        since=entry.since,
        counters=replace(entry.counters),
    )


def _worker_name(camera: CameraId) -> str:
    return f"camera-{camera}"
