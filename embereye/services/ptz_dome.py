"""Moves one camera as an operator asks, and stops it when nobody asks any more."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

from embereye.config.schema import Camera
from embereye.ingest.onvif_camera import OnvifCamera
from embereye.ingest.onvif_clock import clock_address
from embereye.ingest.onvif_ptz import Ptz
from embereye.ingest.source import Login
from embereye.ingest.url import is_url
from embereye.model.errors import CameraRefused, CameraUnsupported, EmberEyeError
from embereye.model.ids import CameraId
from embereye.model.ptz import (
    CameraTurned,
    PtzCentreAsked,
    PtzHomeAsked,
    PtzMoveAsked,
    PtzOpenAsked,
    PtzPreset,
    PtzPresetAsked,
    PtzState,
    PtzStatus,
    PtzStopAsked,
)
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.ptz_stream import NO_PTZ, stream_to_move

_log = logging.getLogger(__name__)

_WAITING = 50  # orders; the oldest goes first, a stop is the newest
_HELD = 1.2  # s that a movement goes on unasked; the screen asks each 0.4 s
_TIMEOUT = 2.0  # s after which the camera stops by itself: the network may be lost
_RENEW = 0.5  # s after which the same order is sent again
_STOPS = 3  # tries to stop
_GESTURES = 30.0  # s; short moves one after the other are one row of the audit
_IDLE = 0.25  # s between looks at whether to end
_AGAIN = 1.0  # s after a failure before the camera is asked again
_LAST = 0.7  # s for the last stop; a worker ends within 1 s
_SETTLES = 8.0  # s that a dome needs at most to reach a preset on the other side (120 °/s, focus)

Order = PtzMoveAsked | PtzStopAsked | PtzCentreAsked | PtzHomeAsked | PtzPresetAsked | PtzOpenAsked


@dataclass(frozen=True, slots=True)
class DomeParts:
    """What moving cameras needs.

    Attributes:
        password: Of a camera id; may be slow, raises nothing.
        record: Writes an audit row: kind, subject, actor, text, when. Any thread.
        post: Tells the engine `CameraTurned`.
        refused: Logins that cameras refused; they are not sent again.
    """

    clock: Clock
    password: Callable[[str], str | None]
    record: Callable[[str, str, str, str, Stamp], None]
    post: Callable[[object], None]
    refused: dict[CameraId, Login] = field(default_factory=dict, repr=False)


class Dome:
    """One camera. Runs in a thread of its own: no camera waits for the answers of another.

    Attributes:
        row: Its settings when this began.
        status: Replaced as a whole; any thread.
    """

    def __init__(self, row: Camera, parts: DomeParts) -> None:
        self.row = row
        self.status = PtzStatus()
        self._parts = parts
        self._clock = parts.clock
        self._box: Mailbox[Order] = Mailbox(_WAITING, Full.DROP_OLDEST)
        self._ptz: Ptz | None = None
        self._asked_at = self._clock.mono()
        self._held_until = self._sent_at = self._connected_at = 0.0
        self._vector = (0.0, 0.0, 0.0)
        self._mover, self._moved_at = "", float("-inf")
        self._stops = 0  # tries to stop that are left
        self._cancelled: Callable[[], bool] = lambda: False

    def ask(self, order: Order) -> None:
        """Do this as soon as possible. Any thread; never blocks."""
        self._asked_at = self._clock.mono()
        self._box.put(order)

    @property
    def idle(self) -> float:
        """Seconds since the last order. Any thread."""
        return self._clock.mono() - self._asked_at

    def run(self, stop: Event) -> None:
        """Carry out orders until `stop` is set; then the camera stands still, or soon will."""
        self._cancelled = stop.is_set
        self.connect()
        while not stop.is_set():
            self.work(self._box.take_all(self._pause()))
        if self.status.moving and self._ptz is not None:
            end = self._clock.mono() + _LAST
            self._cancelled = lambda: self._clock.mono() > end
            self._stop()

    def connect(self) -> None:
        """Find out what the camera can do. The thread of `run`."""
        self._ptz = None
        self.status = PtzStatus()
        try:
            self._ptz, self.status = self._known()
        except EmberEyeError as error:
            _log.info("camera %s cannot be moved: %s", self.row.id, error)
            self.status = PtzStatus(PtzState.FAILED, str(error))
        self._connected_at = self._clock.mono()

    def work(self, orders: list[Order]) -> None:
        """Carry out what was asked meanwhile, and end what nobody holds. The thread of `run`."""
        for order in latest(orders):
            self._do(order)
        now = self._clock.mono()
        if self.status.moving and now >= self._held_until and not self._stops:
            self._stops = _STOPS
        if self._stops:
            self._stop()

    def _known(self) -> tuple[Ptz, PtzStatus]:
        row = self.row
        if not is_url(row.source):
            raise CameraUnsupported("This is no network camera, so nothing moves it.")
        address = clock_address(row)
        login = self._login()
        camera_id = CameraId(row.id)
        if login is not None and self._parts.refused.get(camera_id) == login:
            raise CameraRefused(
                "The camera rejected the user name or password. Enter the password again."
            )
        camera = OnvifCamera(address, login, self._clock, lambda: self._cancelled())
        try:
            ptz = camera.ptz(stream_to_move(camera.streams(), row))
            if ptz is None:
                raise CameraUnsupported(NO_PTZ)
            kept = ptz.presets() if ptz.abilities.presets else ()
        except CameraRefused:
            if login is not None:
                self._parts.refused[camera_id] = login
            raise
        able = ptz.abilities
        return ptz, PtzStatus(
            PtzState.READY,
            turns=able.velocity is not None,
            zooms=able.zoom_velocity is not None,
            centres=able.centring is not None,
            home=able.home,
            presets=tuple(PtzPreset(p.token, p.name or f"Preset {p.token}") for p in kept),
        )

    def _login(self) -> Login | None:
        password = self._parts.password(self.row.id) if self.row.user else None
        return None if password is None else Login(self.row.user, password)

    def _pause(self) -> float:
        if not self.status.moving:
            return _IDLE
        return min(_IDLE, max(0.0, self._held_until - self._clock.mono()))

    def _do(self, order: Order) -> None:
        if isinstance(order, PtzOpenAsked):
            # Not for what was asked again while the camera was being asked.
            failed = self.status.state is PtzState.FAILED
            if failed and self._clock.mono() - self._connected_at > _AGAIN:
                self.connect()
        elif isinstance(order, PtzStopAsked):
            self._stops = _STOPS  # also for what goes to a preset
        elif self._ptz is not None:
            try:
                self._send(self._ptz, order)
            except EmberEyeError as error:
                _log.warning("camera %s: %s", self.row.id, error)
                self.status = replace(self.status, problem=str(error))
            else:
                self.status = replace(self.status, problem="")

    def _send(self, ptz: Ptz, order: Order) -> None:
        if isinstance(order, PtzMoveAsked):
            self._move(ptz, order)
            return
        if isinstance(order, PtzCentreAsked):
            self._note(order.actor, f"centred on {order.x:.2f}, {order.y:.2f} of the picture")
            ptz.centre(order.x, order.y)
        elif isinstance(order, PtzPresetAsked):
            names = {preset.token: preset.name for preset in self.status.presets}
            self._note(order.actor, f"sent to preset {names.get(order.token, order.token)}")
            ptz.go_preset(order.token)
        else:
            self._note(order.actor, "sent to its home position")
            ptz.home()
        self.status = replace(self.status, moving=False)  # a position ends a movement by hand

    def _move(self, ptz: Ptz, order: PtzMoveAsked) -> None:
        now = self._clock.mono()
        self._held_until = now + _HELD
        self._stops = 0
        vector = (order.pan, order.tilt, order.zoom)
        moving = self.status.moving
        if moving and vector == self._vector and now - self._sent_at < _RENEW:
            return
        if not moving and (order.actor != self._mover or now - self._moved_at > _GESTURES):
            self._note(order.actor, "moved by hand")
        self._mover, self._moved_at = order.actor, now
        # Before it is sent: an order whose answer is lost moves the camera all the same.
        self.status = replace(self.status, moving=True)
        self._vector, self._sent_at = vector, now
        self._parts.post(CameraTurned(CameraId(self.row.id), now + _SETTLES))
        ptz.move(*vector, _TIMEOUT)
        self._held_until = self._clock.mono() + _HELD  # its answer may have taken longer than that

    def _stop(self) -> None:
        if self._ptz is None:
            self._stops = 0
            return
        self._stops = max(0, self._stops - 1)
        try:
            self._ptz.stop()
        except EmberEyeError as error:
            _log.warning("camera %s was not stopped: %s", self.row.id, error)
            text = f"The camera did not confirm the stop; it ends by itself within 2 s. {error}"
            self.status = replace(self.status, problem=text, moving=self._stops > 0)
        else:
            self._stops = 0
            self.status = replace(self.status, moving=False)

    def _note(self, actor: str, text: str) -> None:
        _log.info("%s: camera %s %s", actor, self.row.id, text)
        now = self._clock.now()
        self._parts.record("camera", self.row.id, actor, text, now)
        self._parts.post(CameraTurned(CameraId(self.row.id), now.mono + _SETTLES))


def latest(orders: list[Order]) -> list[Order]:
    """`orders` without movements that a later movement or stop has replaced."""
    found: list[Order] = []
    for order in orders:
        replaces = isinstance(order, PtzMoveAsked | PtzStopAsked)
        if replaces and found and isinstance(found[-1], PtzMoveAsked):
            found.pop()
        found.append(order)
    return found
