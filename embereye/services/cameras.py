"""The register of cameras: what each one is, how it does, and when that is a fault."""

import logging
from collections.abc import Callable
from typing import Protocol

from embereye.config.schema import Camera, Settings
from embereye.ingest.camera_view import Detecting
from embereye.model.alarm import Report
from embereye.model.camera import CameraState, CameraTable, PictureSigns
from embereye.model.errors import SourceError
from embereye.model.ids import CameraId, PlaceId
from embereye.model.messages import (
    CaptureChanged,
    EnableCameraAsked,
    RequestRefused,
    RetryCameraAsked,
    TableChanged,
)
from embereye.model.role import Operation
from embereye.runtime.engine import Engine
from embereye.services.access import Refusal, everybody_may
from embereye.services.camera_entry import CameraEntry, same_connection
from embereye.services.camera_streams import CameraStreams
from embereye.services.capture_site import Capture, CaptureSite

_log = logging.getLogger(__name__)

_SUPERVISE = 0.25  # s; a picture is called stale at most this late
_SPARSE = {"auto": None, "every picture": False, "key frames": True}
_SHOWN = 1.0  # s between snapshots that differ in counters only


class AlarmDesk(Protocol):
    """Where faults are reported: the alarm service."""

    def report(self, report: Report) -> None:
        """Take the verdict on one key. Engine thread."""


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
        refusal: Refusal = everybody_may,
    ) -> None:
        """`refusal`: why somebody may not change what is watched; `Access.refusal`."""
        self.current = CameraTable()
        self._engine = engine
        self._clock = engine.clock
        self._views = capture.views
        self.site = CaptureSite(capture, engine.clock, engine.post)
        self._alarms = alarms
        self._publish = publish
        self._refusal = refusal
        self._entries: dict[CameraId, CameraEntry] = {}
        self._shown_at = 0.0
        self._detect_rate = 0.0
        self._sparse: bool | None = None
        engine.on(CaptureChanged, self._capture_changed)
        engine.on(RetryCameraAsked, self._retry)
        engine.on(EnableCameraAsked, self._enable)
        engine.every(_SUPERVISE, self._supervise)

    def apply(self, settings: Settings) -> None:
        """Follow the settings: start, stop and restart only the cameras that they change."""
        self._detect_rate = settings.detection.rate if settings.detection.enabled else 0.0
        self._sparse = _SPARSE[settings.capture.unseen]
        names = {place.id: place.name for place in settings.places}
        for gone in self._entries.keys() - {CameraId(c.id) for c in settings.cameras}:
            self._remove(gone)
        self.site.expect(sum(camera.enabled for camera in settings.cameras))
        ordered: dict[CameraId, CameraEntry] = {}
        for camera in settings.cameras:
            place = PlaceId(camera.place or camera.id)
            name = names.get(str(place), camera.name)
            ordered[CameraId(camera.id)] = self._placed(camera, place, name)
        self._entries = ordered
        self._warn_of_doubles()
        self._refresh()

    def restart(self, camera: CameraId) -> None:
        """Connect again from scratch, such as after a new password."""
        entry = self._entries.get(camera)
        if entry is not None and entry.enabled:
            self._stop(entry)
            self._start(entry)
            self._refresh()

    def lift(self, camera: CameraId, seconds: float) -> None:
        """An alarm: read its main stream for so long, whatever size its tiles have."""
        entry = self._entries.get(camera)
        if entry is not None and entry.streams is not None:
            entry.streams.lift(self._clock.mono() + seconds)

    def pictures(self) -> dict[CameraId, PictureSigns]:
        """What the pictures of the cameras that are checked and live look like, as of now."""
        return {
            entry.id: entry.streams.counters.picture
            for entry in self._entries.values()
            if entry.streams is not None
            and entry.camera.picture_checks
            and entry.state is CameraState.LIVE
        }

    def stop(self) -> None:
        """Tell every worker to stop; `Supervisor.stop_all` waits for them."""
        for entry in self._entries.values():
            self._stop(entry)

    # --- settings ------------------------------------------------------------------------------

    def _placed(self, camera: Camera, place: PlaceId, name: str) -> CameraEntry:
        old = self._entries.get(CameraId(camera.id))
        if old is None:
            entry = CameraEntry(camera, place, name, self._clock.now())
            self._follow(entry)
            return entry
        if old.place != place:
            self._end_fault(old)
        restart = not same_connection(old.camera, camera) or old.enabled != camera.enabled
        restart |= old.enabled and old.streams is None  # its folder may be allowed by now
        old.camera, old.place, old.place_name = camera, place, name
        old.enabled = camera.enabled
        if restart:
            self._follow(old)
        else:
            if old.streams is not None:
                old.streams.detect(self._detecting(camera))
        return old

    def _follow(self, entry: CameraEntry) -> None:
        """Make the worker fit the entry's settings."""
        self._stop(entry)
        if entry.enabled:
            self._start(entry)
        else:
            entry.set_link(CameraState.DISABLED)

    def _remove(self, camera: CameraId) -> None:
        entry = self._entries[camera]
        self._stop(entry)
        self._end_fault(entry)

    def _start(self, entry: CameraEntry) -> None:
        entry.started = self._clock.now()
        try:
            entry.streams = CameraStreams(
                entry.camera, self.site, self._views, self._detecting(entry.camera)
            )
        except SourceError as error:
            entry.set_link(CameraState.UNSUPPORTED, str(error))
            return
        entry.source = entry.streams.source
        entry.set_link(CameraState.CONNECTING)

    def _stop(self, entry: CameraEntry) -> None:
        if entry.streams is not None:
            entry.streams.stop()
            entry.streams = None

    def _warn_of_doubles(self) -> None:
        """Two cameras may show one source (on two walls, say); it is allowed, but rarely meant."""
        first: dict[str, CameraId] = {}
        for entry in self._entries.values():
            twin = first.setdefault(entry.source, entry.id)
            if entry.streams is not None and twin != entry.id:
                _log.warning("cameras %s and %s have the same source", twin, entry.id)

    def _detecting(self, camera: Camera) -> Detecting:
        rate = self._detect_rate if camera.detect else 0.0
        return Detecting(rate, camera.inference_max_side, camera.picture_checks, self._sparse)

    # --- messages ------------------------------------------------------------------------------

    def _capture_changed(self, message: CaptureChanged) -> None:
        entry = self._entries.get(message.camera)
        if entry is None or entry.streams is None or message.at < entry.started:
            return  # from a worker that was stopped meanwhile
        entry.streams.heard(message)
        entry.set_link(entry.streams.state, entry.streams.detail)
        self._supervise()

    def _retry(self, request: RetryCameraAsked) -> None:
        entry = self._known(request.camera, request.actor)
        if entry is None:
            return
        if not entry.enabled:
            text = f"{entry.camera.name} is switched off. Enable it first."
            self._publish(RequestRefused(text, request.actor))
        elif entry.streams is None:
            self._start(entry)
            self._refresh()
        else:
            entry.streams.retry()

    def _enable(self, request: EnableCameraAsked) -> None:
        entry = self._known(request.camera, request.actor)
        if entry is None or entry.enabled == request.enabled:
            return
        if self._refusal(request.actor, Operation.EDIT_SETTINGS):
            return  # the configuration service says why
        _log.info("%s: camera %s enabled=%s", request.actor, request.camera, request.enabled)
        entry.enabled = request.enabled
        self._follow(entry)
        self._supervise()

    def _known(self, camera: CameraId, actor: str) -> CameraEntry | None:
        entry = self._entries.get(camera)
        if entry is None:
            self._publish(RequestRefused(f"There is no camera {camera}.", actor))
        return entry

    # --- supervision ---------------------------------------------------------------------------

    def _supervise(self) -> None:
        self.site.look()
        now = self._clock.now()
        for entry in self._entries.values():
            if entry.streams is not None and entry.camera.sub_source:
                entry.streams.look(now)
                entry.set_link(entry.streams.state, entry.streams.detail)
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
            state_changed, report = entry.look(now)
            changed = changed or state_changed
            if report is not None:
                self._alarms.report(report)
        return changed

    def _end_fault(self, entry: CameraEntry) -> None:
        report = entry.end_fault(self._clock.now())
        if report is not None:
            self._alarms.report(report)

    def _show(self) -> None:
        now = self._clock.now()
        self._shown_at = now.mono
        statuses = tuple(entry.status() for entry in self._entries.values())
        self.current = CameraTable(self.current.revision + 1, statuses)
        self._publish(TableChanged("cameras", now))
