"""One camera in the engine's register."""

from embereye.config.schema import Camera
from embereye.ingest.source import redact
from embereye.ingest.upload_setup import upload_folder
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.camera import CameraState, CameraStatus, CaptureCounters, Doubt
from embereye.model.ids import CameraId, PlaceId
from embereye.model.stamp import Stamp
from embereye.rules.camera_supervision import Link, Verdict, judge
from embereye.rules.picture_verdict import WORDS, held_doubts, remark
from embereye.services.camera_streams import CameraStreams

_HINTS = {
    CameraState.STALE: "The camera is connected, but its picture stands still.",
    CameraState.CONNECTING: "Connecting.",
    CameraState.DISABLED: "Switched off. Enable it to see it again.",
}


class CameraEntry:
    """What the engine knows about one camera. Engine thread.

    Attributes:
        streams: What is read of it; None while it is disabled or its source is unusable.
        source: Without credentials.
        started: When its present streams (or lack of them) began.
        state, since: As shown.
        doubts: What is wrong with the picture while there is one.
    """

    def __init__(self, camera: Camera, place: PlaceId, place_name: str, at: Stamp) -> None:
        self.camera = camera
        self.id = CameraId(camera.id)
        self.place = place
        self.place_name = place_name
        self.enabled = camera.enabled
        self.streams: CameraStreams | None = None
        self.source = redact(camera.source)
        self.started = at
        self.state = CameraState.CONNECTING
        self.since = at
        self.doubts: tuple[Doubt, ...] = ()
        self._looked = at
        self._link = CameraState.CONNECTING
        self._detail = ""
        self._fault: bool | None = None  # as reported last
        self._told: tuple[CameraState, tuple[Doubt, ...]] = (self._link, ())  # with that report

    def set_link(self, state: CameraState, detail: str = "") -> None:
        """What the streams say, or what stands in their place."""
        self._link = state
        self._detail = detail

    def look(self, now: Stamp) -> tuple[bool, Report | None]:
        """Judge the camera: whether its state changed, and what the alarms must hear."""
        counters = self._counters()
        last = counters.last_frame.mono if counters.last_frame is not None else None
        uploads = self.camera.upload_period if upload_folder(self.camera) is not None else None
        link = Link(self._link, self.started.mono, last, counters.interval, uploads)
        verdict = judge(link, now.mono)
        before = (self.state, self.doubts)
        if verdict.state is not self.state:
            self.state, self.since = verdict.state, now
        self._looked = now
        self.doubts = self._doubted(verdict, counters, now.mono)
        changed = before != (self.state, self.doubts)
        fault = verdict.fault if verdict.fault is not False else bool(self.doubts)
        if fault is None or not self._is_news(verdict, fault):
            return changed, None
        self._fault, self._told = fault, (verdict.state, self.doubts)
        return changed, self._report(self._reasons(verdict), now)

    def end_fault(self, now: Stamp) -> Report | None:
        """A camera that is gone (or elsewhere) is no fault of its old place any more."""
        if not self._fault:
            return None
        self._fault = None
        return self._report((), now)

    def status(self) -> CameraStatus:
        """The snapshot for screens."""
        return CameraStatus(
            id=self.id,
            name=self.camera.name,
            place=self.place,
            group=self.camera.group,
            source=self.source,
            state=self.state,
            detail="" if self.state is CameraState.LIVE else self._advice(),
            since=self.since,
            counters=self._counters(),
            doubts=self.doubts,
            remark=self._remark(),
        )

    def _counters(self) -> CaptureCounters:
        return CaptureCounters() if self.streams is None else self.streams.counters

    def _doubted(
        self, verdict: Verdict, counters: CaptureCounters, now: float
    ) -> tuple[Doubt, ...]:
        """Those of the picture; kept while nobody looks at it, or none comes for the moment."""
        if not self.camera.picture_checks or verdict.state is CameraState.DISABLED:
            return ()
        if verdict.state is not CameraState.LIVE:
            return self.doubts
        held = held_doubts(counters.picture, counters.interval, now)
        return self.doubts if held is None else held

    def _is_news(self, verdict: Verdict, fault: bool) -> bool:
        """Whether a fault begins, ends, or has another cause now."""
        if verdict.state is CameraState.CONNECTING and self._fault:
            return False
        other_cause = fault and (verdict.state, self.doubts) != self._told
        return fault != self._fault or other_cause

    def _reasons(self, verdict: Verdict) -> tuple[str, ...]:
        name = self.camera.name
        if verdict.fault is False:
            return tuple(f"{name}: {WORDS[doubt]}" for doubt in self.doubts)
        if verdict.state is CameraState.WRONG_PASSWORD:
            return (f"{name}: {self._advice()}",)
        return (f"{name}: no picture for {verdict.silent:.0f} s. {self._advice()}",)

    def _remark(self) -> str:
        if self.state is not CameraState.LIVE:
            return ""
        checked = self.camera.picture_checks
        said = remark(self._counters().picture, self.doubts, self._looked) if checked else ""
        fallen_back = "" if self.streams is None else self.streams.remark
        return " ".join(text for text in (said, fallen_back) if text)

    def _report(self, reasons: tuple[str, ...], now: Stamp) -> Report:
        return Report(
            key=AlarmKey(self.place, AlarmKind.CAMERA_FAULT, self.camera.id),
            cause=Cause.ACTIVE if reasons else Cause.CLEAR,
            priority=Priority.DIAGNOSTIC,
            reasons=reasons,
            origin=now,
            place_name=self.place_name,
            cameras=(self.camera.id,),
        )

    def _advice(self) -> str:
        return self._detail or _HINTS.get(self.state, "")


def same_connection(first: Camera, second: Camera) -> bool:
    """Whether two versions of a camera differ only in what needs no new connection."""
    return _connecting(first) == _connecting(second)


def _connecting(camera: Camera) -> Camera:
    left_out = {"name": "-", "place": "", "group": "", "detect": True, "inference_max_side": 0}
    also = {"enabled": True, "picture_checks": True, "upload_period": 0.0, "onvif": ""}
    drawn = {"zones": (), "lines": (), "overlays": (), "models": None}
    times = {"flame_time": 4.0, "smoke_time": 8.0}
    return camera.model_copy(update=left_out | also | drawn | times)
