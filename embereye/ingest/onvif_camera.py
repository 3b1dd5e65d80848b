"""One ONVIF camera: who it is, how its clock stands, its streams, and what moves it."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from embereye.ingest.onvif_address import (
    StreamAddress,
    entered,
    service_url,
    stream_address,
)
from embereye.ingest.onvif_dialog import Dialog, OnvifFault
from embereye.ingest.onvif_facts import (
    CameraTime,
    Maker,
    Stream,
    maker_of,
    services_of,
    streams_of,
    time_of,
)
from embereye.ingest.onvif_http import Allowance
from embereye.ingest.onvif_ptz import Ptz
from embereye.ingest.onvif_ptz_facts import abilities_of
from embereye.ingest.onvif_soap import DEVICE, MEDIA, MEDIA2, PTZ, Part
from embereye.ingest.onvif_xml import Node
from embereye.ingest.url import Login
from embereye.model.errors import CameraRefused, CameraUnsupported
from embereye.runtime.clock import Clock

_SURVEY = 20.0  # s for everything; a recorder with 64 channels needs about 130 requests
_PTZ = 3.0  # s; an operator who presses an arrow does not wait longer
_NO_TIME = CameraTime(None, 0.0, ntp=False, zone="")
_NOT_SHIFTED = 1.0  # s that the camera's clock may differ without having been set


@dataclass(frozen=True, slots=True)
class Survey:
    """What a camera offers.

    Attributes:
        streams: The largest first.
    """

    maker: Maker
    time: CameraTime
    streams: tuple[Stream, ...]


class OnvifCamera:
    """Asks one camera. Blocking, for one worker thread; keeps no connection and no thread.

    Every method raises CameraUnreachable, CameraRefused or CameraUnsupported with a text for the
    operator that contains no secret and no free text of the camera. After a refused login no
    method asks again, so that the camera does not lock the account: make another object.
    """

    def __init__(
        self,
        address: str,
        login: Login | None,
        clock: Clock,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """`address`: a host, host:port, http(s) address of the device service, or of a stream.

        `cancelled` is asked four times a second and ends what runs with CameraUnreachable.

        Raises:
            SourceError: the address cannot be used as written.
        """
        self._url, written = entered(address)
        self._clock = clock
        self._dialog = Dialog(self._url, login or written, clock, cancelled)
        self._services: dict[str, str] | None = None
        self._time: CameraTime | None = None

    def time(self, seconds: float = 8.0) -> CameraTime:
        """How its clock stands; most cameras tell it without a login."""
        allowance = self._dialog.allowance(seconds)
        try:
            return self._asked_time(allowance)
        except CameraRefused:
            return self._asked_time(allowance, open_=False)

    def maker(self, seconds: float = 8.0) -> Maker:
        """Who made it. This needs the login: use it to check one."""
        return self._maker(self._dialog.allowance(seconds))

    def survey(self, seconds: float = _SURVEY) -> Survey:
        """Everything about it, within `seconds`."""
        allowance = self._dialog.allowance(seconds)
        maker = self._maker(allowance)
        time = self._time
        if time is None or time.offset is None:
            with contextlib.suppress(OnvifFault, CameraRefused):
                time = self._asked_time(allowance, open_=False)
        return Survey(maker, time or _NO_TIME, self._streams(allowance))

    def streams(self, seconds: float = _SURVEY) -> tuple[Stream, ...]:
        """Its streams with addresses, the largest first."""
        return self._streams(self._dialog.allowance(seconds))

    def ptz(self, stream: Stream, seconds: float = 8.0) -> Ptz | None:
        """What moves the camera of `stream`; None when nothing does."""
        allowance = self._dialog.allowance(seconds)
        if not stream.ptz or PTZ not in self._known_services(allowance):
            return None
        abilities = abilities_of(self._node(stream.ptz, allowance))
        return Ptz(
            lambda order: self._ask(PTZ, order, self._dialog.allowance(_PTZ)),
            stream.token,
            abilities,
        )

    def _maker(self, allowance: Allowance) -> Maker:
        return maker_of(self._ask(DEVICE, Part("GetDeviceInformation"), allowance))

    def _node(self, configuration: str, allowance: Allowance) -> Node:
        """What turns the camera; the first one where it does not tell which."""
        body = Part("GetConfiguration", (Part("PTZConfigurationToken", configuration),))
        try:
            token = self._ask(PTZ, body, allowance).words("PTZConfiguration", "NodeToken")
            answer = self._ask(PTZ, Part("GetNode", (Part("NodeToken", token),)), allowance)
        except OnvifFault:
            answer = self._ask(PTZ, Part("GetNodes"), allowance)
        return answer.find("PTZNode") or Node("PTZNode")

    def _asked_time(self, allowance: Allowance, open_: bool = True) -> CameraTime:
        before = self._clock.now()
        body = Part("GetSystemDateAndTime")
        answer = self._dialog.ask(self._url, DEVICE, body, allowance, open_)
        passed = self._clock.mono() - before.mono
        self._time = time_of(answer, before.utc, before.utc + passed)
        self._dialog.offset = self._time.offset or 0.0
        return self._time

    def _ask(self, service: str, body: Part, allowance: Allowance) -> Node:
        """Once more with the camera's new time where its clock was set meanwhile."""
        if self._time is None:
            self._learn_time(allowance)
        url = self._url
        if service != DEVICE:
            told = self._known_services(allowance).get(service, "")
            url = service_url(self._url, told, (self._dialog.peer,))
        offset = self._dialog.offset
        try:
            return self._dialog.ask(url, service, body, allowance)
        except CameraRefused:
            if not self._dialog.accepted:
                raise
            self._learn_time(allowance)
            if abs(self._dialog.offset - offset) <= _NOT_SHIFTED:
                raise
            return self._dialog.ask(url, service, body, allowance)

    def _learn_time(self, allowance: Allowance) -> None:
        """Some cameras tell their time only to those who log in; theirs is taken to be ours."""
        try:
            self._asked_time(allowance)
        except (OnvifFault, CameraRefused):
            self._time = self._time or _NO_TIME

    def _known_services(self, allowance: Allowance) -> dict[str, str]:
        if self._services is None:
            try:
                body = Part("GetServices", (Part("IncludeCapability", "false"),))
                self._services = services_of(self._ask(DEVICE, body, allowance))
            except OnvifFault:  # ONVIF before 2.0
                body = Part("GetCapabilities", (Part("Category", "All"),))
                self._services = services_of(self._ask(DEVICE, body, allowance))
        return self._services

    def _streams(self, allowance: Allowance) -> tuple[Stream, ...]:
        """Media2 where it is offered: Media knows no H.265."""
        services = self._known_services(allowance)
        found: tuple[Stream, ...] = ()
        media = MEDIA2 if MEDIA2 in services else MEDIA
        if media == MEDIA2:
            try:
                body = Part("GetProfiles", (Part("Type", "All"),))
                found = streams_of(self._ask(MEDIA2, body, allowance))
            except OnvifFault:
                media = MEDIA
        if not found:
            media = MEDIA
            found = streams_of(self._ask(MEDIA, Part("GetProfiles"), allowance))
        if not found:
            raise CameraUnsupported(f"The camera at {self._dialog.place} offers no picture.")
        return tuple(self._addressed(stream, media, allowance) for stream in found)

    def _addressed(self, stream: Stream, media: str, allowance: Allowance) -> Stream:
        token = Part("ProfileToken", stream.token)
        address = self._address(media, _stream_request(media, token), allowance)
        try:
            snapshot = self._address(media, Part("GetSnapshotUri", (token,)), allowance)
        except CameraRefused:  # the streams matter more
            snapshot = None
        return replace(
            stream,
            address=address
            or StreamAddress(problem="The camera gives no address for this stream."),
            snapshot=snapshot if snapshot is not None and snapshot.text else None,
        )

    def _address(self, media: str, body: Part, allowance: Allowance) -> StreamAddress | None:
        try:
            answer = self._ask(media, body, allowance)
        except OnvifFault:
            return None
        told = answer.raw("MediaUri", "Uri") or answer.raw("Uri")
        return stream_address(self._url, told, (self._dialog.peer,)) if told else None


def _stream_request(media: str, token: Part) -> Part:
    if media == MEDIA2:
        return Part("GetStreamUri", (Part("Protocol", "RTSP"), token))
    transport = Part("Transport", (Part("Protocol", "RTSP", is_type=True),), is_type=True)
    setup = Part("StreamSetup", (Part("Stream", "RTP-Unicast", is_type=True), transport))
    return Part("GetStreamUri", (setup, token))
