"""WebRTC streams of media servers as cameras: whep:// and wheps:// addresses.

`whep://host/path` asks at http://host/path, `wheps://` at https://. Where aiortc is not installed,
such a camera says so.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from embereye.ingest.decode import Timeline
from embereye.ingest.onvif_http import Allowance
from embereye.ingest.pace import Lag
from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.source import Login, Source
from embereye.ingest.upload_picture import MOST_PIXELS
from embereye.ingest.whep_http import Signalling
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.errors import CameraUnreachable, CameraUnsupported
from embereye.runtime.clock import Clock

if TYPE_CHECKING:
    import av

    from embereye.ingest.whep_session import WhepSession

_SLICE = 0.1  # s; longest wait within one `read`, so that a stop is never far away
_LEAVING = 0.4  # s for telling the server that nobody watches any more
_MOST_LATE = 3.0  # s; aiortc queues what it cannot decode in time, only a new connection drops it
_NO_AIORTC = (
    "WebRTC needs aiortc. Install EmberEye with its webrtc extra: pip install 'embereye[webrtc]'."
)


class WhepSource:
    """One WHEP stream. `login` is called in the reading thread at each `open`.

    A user named "bearer" has a token for a password; all others log in by HTTP Basic.
    """

    def __init__(
        self,
        source: Source,
        login: Callable[[], Login | None],
        clock: Clock,
        deadlines: Deadlines,
    ) -> None:
        self.live = True
        self.until_key: int | None = None
        self.decode = Decode.ALL  # nothing follows from it: aiortc decodes every picture
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ()
        self.interval = 0.0
        self.deadlines = deadlines
        self._source = source
        self._login = login
        self._clock = clock
        self._session: WhepSession | None = None
        self._signalling: Signalling | None = None
        self._before = 0, 0  # arrived and received over earlier connections
        self._timeline = Timeline(clock)
        self._lag = Lag()
        self._scaler = PlaneScaler()
        self._quiet_since = 0.0  # mono

    def open(self) -> None:
        url = self._source.url
        if url is None:
            raise CameraUnsupported(f"{self._source.place} is not a network camera.")
        session = self._session = _session()
        login = self._login()
        end = self._clock.mono() + self.deadlines.open
        self._before = self.arrived, self.received
        self._timeline, self._lag = Timeline(self._clock), Lag()
        self._signalling = Signalling(url)
        offer = session.offer(self._left(end))
        checked = self._signalling.ask(offer, login, Allowance(self._clock, end, _never))
        session.connect(checked.text, self._left(end))
        self.streams = (f"video {checked.codec}",)
        self.decoder = checked.codec
        self._quiet_since = self._clock.mono() + self.deadlines.open  # until a key frame is sent

    def read(self, timeout: float) -> Picture | None:
        session = self._session
        if session is None:
            raise CameraUnreachable(f"{self._source.place} is not connected.")
        frame = session.newest(min(timeout, _SLICE))
        self.arrived = self._before[0] + session.arrived
        self.received = self._before[1] + session.received
        now = self._clock.mono()
        if frame is not None:
            self._quiet_since = now
            return self._picture(frame, now)
        if now - self._quiet_since > self.deadlines.read:
            raise CameraUnreachable(
                f"No video comes from {self._source.place} "
                f"(waited {self.deadlines.read:.0f} s). Check the server and its camera."
            )
        return None

    def close(self) -> None:
        session, self._session = self._session, None
        signalling, self._signalling = self._signalling, None
        if session is not None:
            session.close()
        if signalling is not None:
            end = self._clock.mono() + _LEAVING
            signalling.leave(Allowance(self._clock, end, _never))

    def _picture(self, frame: "av.VideoFrame", now: float) -> YuvPicture | None:
        if frame.width * frame.height > MOST_PIXELS:
            raise CameraUnsupported(f"{self._source.place} sends pictures that are too large.")
        if frame.is_corrupt:
            return None
        base = frame.time_base
        stamp = None if frame.pts is None or not base else float(frame.pts * base)
        media = self._timeline.media(stamp)
        if self._lag.measure(media, now) > _MOST_LATE:
            raise CameraUnreachable(
                f"Video from {self._source.place} comes faster than it can be decoded. "
                "Lower the size or rate of the stream."
            )
        return YuvPicture(frame, self._scaler, media, Fraction(1), self._timeline.repaired)

    def _left(self, end: float) -> float:
        return max(0.01, end - self._clock.mono())


def _session() -> "WhepSession":
    try:
        # Here and not above: aiortc is an extra, and what uses it cannot be loaded without.
        from embereye.ingest.whep_session import WhepSession
    except ImportError:
        raise CameraUnsupported(_NO_AIORTC) from None
    return WhepSession()


def _never() -> bool:
    return False
