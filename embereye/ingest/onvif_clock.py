"""Asking one camera how its clock stands, with its login only where it insists."""

from collections.abc import Callable

from embereye.config.schema import Camera
from embereye.ingest.onvif_address import entered
from embereye.ingest.onvif_camera import OnvifCamera
from embereye.ingest.onvif_facts import CameraTime
from embereye.ingest.source import Login, parse
from embereye.ingest.url import is_url
from embereye.model.camera_clock import ClockCheck
from embereye.model.errors import CameraRefused, CameraUnsupported
from embereye.runtime.clock import Clock


def clock_address(camera: Camera) -> str:
    """Where to ask: the ONVIF address of the settings, else the host of the source.

    Always the host of the source: the login was entered for that one.

    Raises:
        CameraUnsupported: it is no network camera, or the settings name two hosts.
        SourceError: an address cannot be used as written.
    """
    if not is_url(camera.source):
        raise CameraUnsupported("This is no network camera: it has no clock of its own.")
    url = parse(camera.source, login_known=True)[0].url
    if url is None:
        raise CameraUnsupported("This is no network camera: it has no clock of its own.")
    if not camera.onvif:
        # Cameras that send pictures over HTTP have ONVIF at the same port, others mostly at 80.
        return f"{url.scheme}://{url.place}" if url.scheme.startswith("http") else url.text()
    if entered(camera.onvif)[0].host != url.host:
        raise CameraUnsupported(
            "The ONVIF address names another host than the source. Enter the same host in both: "
            "the login must not go elsewhere."
        )
    return camera.onvif


def ask_clock(
    address: str,
    login: Callable[[], Login | None],
    clock: Clock,
    cancelled: Callable[[], bool] = lambda: False,
) -> ClockCheck:
    """How the clock of the camera at `address` stands. Blocks for up to 16 s.

    `login` is asked only when the camera tells its time to nobody else; None: there is none that
    may be used.

    Raises:
        CameraUnreachable, CameraRefused, CameraUnsupported: with what to do, free of secrets.
    """
    at = clock.now()
    try:
        time = OnvifCamera(address, None, clock, cancelled).time()
    except CameraRefused:
        known = login()
        if known is None:
            raise
        time = _with_login(address, known, clock, cancelled)
    if time.offset is None:
        raise CameraUnsupported("The camera tells no usable time. Set its clock.")
    return ClockCheck(at, time.offset, time.accuracy, time.ntp)


def _with_login(
    address: str, login: Login, clock: Clock, cancelled: Callable[[], bool]
) -> CameraTime:
    try:
        return OnvifCamera(address, login, clock, cancelled).time()
    except CameraRefused as error:
        # The login carries our time, and cameras take it for some seconds only.
        raise CameraRefused(
            f"{error} A clock that is minutes off makes the camera reject them too: set it there."
        ) from None
