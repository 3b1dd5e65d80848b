"""Composition of everything about cameras; a part of `app`."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from embereye.config.schema import Camera, Detection, Settings
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsStore
from embereye.config.upload_options import Uploads
from embereye.ingest.capture import Opener
from embereye.ingest.capture_remote import Surroundings as Capturing
from embereye.ingest.ftp_account import FtpAccount
from embereye.ingest.ftp_server import FtpUploads
from embereye.ingest.opener import opener_of
from embereye.ingest.source import Source
from embereye.ingest.upload_setup import ftp_accounts, upload_parts
from embereye.ingest.views import Views
from embereye.model.alarm import Alarm
from embereye.model.camera import CameraState, CameraStatus
from embereye.model.camera_clock import CheckClockAsked
from embereye.model.daily_test import CAMERA as SELF_TEST
from embereye.model.detection import Verification
from embereye.model.ids import CameraId
from embereye.model.messages import CameraPasswordAsked, WorkerFailed
from embereye.model.remote import RemoteSuspected
from embereye.model.vision_models import ModelsChanged
from embereye.runtime.engine import Engine
from embereye.runtime.logs import REDACTION
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import Worker
from embereye.services import camera_access, model_access, snapshot_access
from embereye.services.access import Access
from embereye.services.alarms import Alarms
from embereye.services.camera_access import CameraAnswers
from embereye.services.camera_clock import CameraClocks
from embereye.services.camera_history import CameraHistory
from embereye.services.cameras import Cameras
from embereye.services.capture_site import Capture
from embereye.services.configuration import secret_name
from embereye.services.detection import DetectionFeeder, FeederOptions, pool_options
from embereye.services.detector_faults import DetectorFaults
from embereye.services.hot_spots import HotSpots
from embereye.services.input_recording import Reports
from embereye.services.model_choice import looks_of
from embereye.services.models import ModelDesk
from embereye.services.owner_requests import OwnerRequests
from embereye.services.ptz import Domes
from embereye.services.ptz_dome import DomeParts
from embereye.services.remote_detection import RemoteDetection
from embereye.services.remote_faults import RemoteFaults
from embereye.services.remote_setup import KEY, remote_setup
from embereye.services.scene_changes import SceneChanges
from embereye.services.self_test_pictures import PicturesWithTest
from embereye.services.snapshot_log import SnapshotLog
from embereye.services.turned_cameras import TurnedCameras
from embereye.storage.audit import AuditStore
from embereye.vision.looks import Looks
from embereye.vision.pool import DetectorPool
from embereye.vision.registry import ModelLibrary, active_model
from embereye.vision.remote_opinion import FrameOpinions

_SUSPICION = 4.0  # s at full rate after the remote detector saw something, as after motion
_TESTED = 60.0  # s at full rate; the chain of a self-test is judged by then
_ATTENTION = 60.0  # s for which the cameras of an announced alarm are looked at at full rate


@dataclass(frozen=True, slots=True)
class Around:
    """What cameras are wired to.

    Attributes:
        folder: The data directory.
        media_folders: Folders of video files allowed beside those of the settings.
        audit: Where it is noted who did what.
        alarms: What burns.
        reports: Where faults are reported.
        publish: To everybody who shows something.
        tell: To the engine, which may make it an alarm, and to whoever shows it.
    """

    folder: Path
    media_folders: tuple[Path, ...]
    engine: Engine
    store: SettingsStore
    secrets: SecretStore
    supervisor: Supervisor
    audit: AuditStore
    alarms: Alarms
    reports: Reports
    publish: Callable[[object], None]
    tell: Callable[[object], None]


class CameraSide:
    """The cameras, what looks at their pictures, and all that serves them.

    Built by the thread that builds the program; `apply` and `attend` belong to the engine thread.

    Attributes:
        register: Which cameras there are and how they do.
        pictures: What the detectors are given; the self-test adds its own.
        feeder: Gives their pictures to the detectors.
        models: Imports detection models and says which there are.
        remote: Asks the detector on another machine, beside the feeder.
        history, clocks, domes: What they did lately, how their clocks stand, what moves them.
    """

    def __init__(self, around: Around, settings: Settings, answer: OwnerRequests) -> None:
        """`answer`: what commands ask of the running program."""
        self._around = around
        self._engine = around.engine
        self._clock = around.engine.clock
        self.views = Views()
        self.pictures = PicturesWithTest(self.views)
        self._settings, self._testing = settings, False
        capturing = Capturing(self._clock, self._told, self._password, self._folders)
        processes = settings.capture.processes
        capture = Capture(around.supervisor, self.views, self.opener, processes, capturing)
        access = Access(lambda: around.store.current)
        self.register = Cameras(
            self._engine, capture, around.reports, around.publish, access.refusal
        )
        self.remote = RemoteDetection(self._clock, self._remote_key, self._engine.post)
        self.feeder = self._detection(settings.detection)
        self._build_models(answer)
        self._build_uploads(settings.uploads)
        self.hot_spots = HotSpots(
            self._engine, settings, self.feeder.hurry, self.views.look_closely
        )
        DetectorFaults(self._engine, self.feeder, self._to_be_looked_at, around.tell)
        RemoteFaults(self._engine, lambda: self.remote.current, around.tell)
        self._engine.on(RemoteSuspected, self._suspected)
        self._build_figures(answer)

    def workers(self) -> tuple[tuple[str, Worker], ...]:
        """What runs in threads of its own, beside what the register starts."""
        own: tuple[tuple[str, Worker], ...] = (
            ("detection", self.feeder),
            ("remote detection", self.remote),
            ("models", self.models),
            ("camera clocks", self.clocks),
        )
        if self._uploads is None:
            return own
        own = (*own, ("upload folders", self._uploads.watch))
        ftp = self._around.store.current.uploads.ftp.enabled
        return (*own, ("FTP uploads", self._ftp)) if ftp else own

    def apply(self, new: Settings) -> None:
        """Take other settings."""
        self._settings = new
        self.register.apply(new)
        self.hot_spots.apply(new)
        self._ftp.reload()
        self._watch()
        self._choose(new)
        self.feeder.verify(_verification(new))
        self.feeder.apply(_feeder_options(new.detection))

    def watched(self) -> bool:
        """Whether the detectors look at any camera. Engine thread."""
        return bool(_watched(self._settings))

    def test(self, on: bool) -> None:
        """Look at the pictures of the self-test too, or no more. Engine thread."""
        self._testing = on
        self._watch()
        if on:
            self.feeder.hurry(SELF_TEST, _TESTED)

    def attend(self, alarm: Alarm) -> None:
        """An alarm was announced: its cameras are looked at as well and as often as possible."""
        for camera in alarm.cameras:
            self.feeder.hurry(CameraId(camera), _ATTENTION)
            self.register.lift(CameraId(camera), _ATTENTION)

    def opener(self, camera: Camera, typed: str | None = None) -> tuple[Source, Opener]:
        """How a camera is opened; SourceError. `typed`: a password that is not stored yet."""
        uploads = None if self._uploads is None else self._uploads.site
        passwords = self._password if typed is None else (lambda _camera: typed)
        return opener_of(camera, self._folders(), passwords, self._clock, uploads)

    # --- wiring ------------------------------------------------------------------------------

    def _detection(self, section: Detection) -> DetectionFeeder:
        cores = os.cpu_count() or 1
        options = pool_options(section.processes, section.provider, cores, section.memory)
        return DetectionFeeder(
            self.pictures,
            self._engine.post,
            self._clock,
            _feeder_options(section),
            lambda: DetectorPool(options, self._clock),
            self.remote.consult,
        )

    def _build_models(self, answer: OwnerRequests) -> None:
        """What people import, and what of it looks at which camera."""
        around, self._model_folder = self._around, self._around.folder / model_access.FOLDER
        library, settings = ModelLibrary(self._model_folder), lambda: around.store.current
        post, publish = self._engine.post, around.publish
        self.models = ModelDesk(library, self._clock, settings, post, publish)
        for kind in self.models.requests:
            self._engine.on(kind, self.models.ask)
        self._engine.on(ModelsChanged, self._assign)
        answer.add(model_access.ASK, partial(model_access.answer_models, self.models))

    def _build_uploads(self, section: Uploads) -> None:
        """Folders that cameras put files into, and the FTP server that some need for that."""
        folder, post = self._around.folder, self._engine.post
        self._uploads = upload_parts(section, folder, self.views, self.feeder.hurry, post)
        self._ftp = FtpUploads(section, folder, self._ftp_accounts, self._clock, post)

    def _build_figures(self, answer: OwnerRequests) -> None:
        """What cameras did lately, how their clocks stand, and what moves them."""
        engine, record = self._engine, self._around.audit.record
        cameras, settings = lambda: self.register.current, lambda: self._around.store.current
        self.history = CameraHistory(engine, cameras, lambda: self.feeder.current)
        self.clocks = CameraClocks(self._clock, settings, cameras, self._password)
        engine.on(CheckClockAsked, self.clocks.ask)
        engine.on(CameraPasswordAsked, self.clocks.ask)
        pasts, clocks = lambda: self.history.current, lambda: self.clocks.current
        answer.add(camera_access.ASK, CameraAnswers(cameras, pasts, clocks))
        answer.add(snapshot_access.ASK, SnapshotLog(engine, record).answer)
        parts = DomeParts(self._clock, self._password, record, engine.post)
        self.domes = Domes(engine, self._around.supervisor, settings, parts)
        TurnedCameras(engine, self.views, settings)
        alarms, pause = self._around.alarms, self.feeder.pause
        SceneChanges(engine, self.register.pictures, lambda: alarms.current, pause, record)

    # --- between the parts -------------------------------------------------------------------

    def _watch(self) -> None:
        watched = _watched(self._settings)
        self.feeder.watch((*watched, SELF_TEST) if watched and self._testing else watched)

    def _assign(self, _changed: ModelsChanged) -> None:
        """Another version is in use: the cameras that name it get it at once."""
        self.feeder.assign(self._looks(self._around.store.current))

    def _choose(self, settings: Settings) -> None:
        """Have cameras looked at by the detectors that they name, also on another machine."""
        looks = self._looks(settings)
        self.feeder.assign(looks)
        named = [camera for camera in _watched(settings) if looks.of(camera).remote]
        self.remote.apply(remote_setup(settings.detection.remote, named))

    def _suspected(self, message: RemoteSuspected) -> None:
        self.feeder.hurry(message.camera, _SUSPICION)

    def _remote_key(self) -> str:
        """The API key of the detector on another machine, "" without one; may block."""
        key = self._around.secrets.read(KEY) or ""
        REDACTION.learn(key)
        return key

    def _looks(self, settings: Settings) -> Looks:
        """Which detectors look at which camera."""
        remote = FrameOpinions() if settings.detection.remote.enabled else None
        return looks_of(settings, lambda name: active_model(self._model_folder, name), remote)

    def _folders(self) -> tuple[Path, ...]:
        """Where video files may lie."""
        own = (Path(folder) for folder in self._around.store.current.media_folders)
        return (*self._around.media_folders, *own)

    def _ftp_accounts(self) -> dict[str, FtpAccount]:
        return ftp_accounts(self._around.store.current.cameras, self._password)

    def _password(self, camera: str) -> str | None:
        password = self._around.secrets.read(secret_name(camera))
        if password:
            REDACTION.learn(password)
        return password

    def _to_be_looked_at(self) -> list[CameraStatus]:
        watched = _watched(self._around.store.current)
        cameras = self.register.current.cameras
        return [c for c in cameras if c.id in watched and c.state is CameraState.LIVE]

    def _told(self, message: object) -> None:
        """By capture processes: for the engine; failed workers also for who shows them."""
        if isinstance(message, WorkerFailed):
            self._around.tell(message)
        else:
            self._engine.post(message)


def _feeder_options(section: Detection) -> FeederOptions:
    return FeederOptions(section.rate, section.floor_period, section.cache_age)


def _verification(settings: Settings) -> dict[CameraId, Verification]:
    """How long the evidence of each camera must last."""
    return {CameraId(c.id): Verification(c.flame_time, c.smoke_time) for c in settings.cameras}


def _watched(settings: Settings) -> tuple[CameraId, ...]:
    """The cameras whose pictures are looked at."""
    if not settings.detection.enabled:
        return ()
    return tuple(CameraId(c.id) for c in settings.cameras if c.enabled and c.detect)
