"""Turns the pictures of one camera into what viewers and detection want, and counts."""

from dataclasses import dataclass, replace

from embereye.ingest.pace import Lag, RateLimit, SourceRate
from embereye.ingest.picture import Decode, Picture
from embereye.ingest.views import CameraView, Wanted, fitted, limited
from embereye.model.camera import CaptureCounters
from embereye.model.frame import Frame, Tile
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock

_LATE = 0.7  # s; more than any jitter buffer, less than anybody should see a camera late
_CAUGHT_UP = 0.35  # s; decoding starts again here, so that it does not toggle
_MOST_SKIPPING = 12.0  # s without a picture; a longer key frame distance is not waited for


@dataclass(frozen=True, slots=True)
class _Pace:
    """Accumulates what is due between two pictures."""

    at: float
    due: float


class Delivery:
    """The delivering side of one connection to one camera. Lives in the capture thread.

    Attributes:
        counters: Replaced as a whole at each picture.
    """

    def __init__(self, view: CameraView, clock: Clock, before: CaptureCounters) -> None:
        self.counters = before
        self._view = view
        self._clock = clock
        self._seq = before.decoded
        self._live = True
        self._lag = Lag()
        self._rate = SourceRate(before.interval)
        self._viewing, self._detecting = RateLimit(), RateLimit()
        self._pace: _Pace | None = None
        self._skipping_since: float | None = None

    def wanted_decoding(self) -> Decode:
        """How much to decode: everything, or key frames while nobody looks or it is too late."""
        wanted = self._view.wanted()
        needed = bool(wanted.tiles) or wanted.detecting.rate > 0
        if not needed or self._skipping_since is not None:
            return Decode.KEY_FRAMES
        return Decode.ALL

    def connected(self, interval: float, *, live: bool) -> None:
        """The source is open; `interval` (s) as it declares it, 0: it does not.

        A source that is not `live` waits for its reader: it may be late, but has no backlog.
        """
        self._live = live
        if interval:
            self._rate.interval = interval

    def arrived(self, at: Stamp) -> None:
        """A packet came that is not decoded on purpose: the camera lives."""
        self.counters = replace(self.counters, last_frame=at)

    def deliver(self, picture: Picture) -> None:
        """Put the picture where it is wanted and count it."""
        at = self._clock.now()
        self._seq += 1
        if self.wanted_decoding() is Decode.ALL:  # key frames alone say nothing about the rate
            self._rate.seen(picture.media)
        if self._live:
            self._watch_lag(picture.media, at.mono)
        wanted = self._view.wanted()
        due = self._due(at.mono, wanted)
        delivered = self._hand_out(picture, wanted, at)
        old = self.counters
        self.counters = replace(
            old,
            due=old.due + due,
            delivered=old.delivered + delivered,
            decoded=old.decoded + 1,
            skipped=old.skipped + (not delivered),
            fps=self._rate.delivered(at.mono) if delivered else old.fps,
            width=picture.width,
            height=picture.height,
            last_frame=at,
            interval=self._rate.interval,
        )

    def _hand_out(self, picture: Picture, wanted: Wanted, at: Stamp) -> bool:
        interval = self._rate.interval
        shown = bool(wanted.tiles) and self._viewing.allows(picture.media, wanted.rate, interval)
        if shown:
            self._put_tiles(picture, wanted, at)
        detected = self._detecting.allows(picture.media, wanted.detecting.rate, interval)
        if detected:
            self._put_frame(picture, wanted, at)
        return shown if wanted.tiles else detected

    def _put_tiles(self, picture: Picture, wanted: Wanted, at: Stamp) -> None:
        source = (picture.width, picture.height)
        for size, slot in wanted.tiles:
            pixels = picture.bgra(*fitted(source, picture.shape, size))
            tile = Tile(self._view.camera, pixels, self._seq, at, *source)
            slot.put(tile)
            self._view.newest = tile

    def _put_frame(self, picture: Picture, wanted: Wanted, at: Stamp) -> None:
        source = (picture.width, picture.height)
        pixels = picture.bgr(*limited(source, picture.shape, wanted.detecting.max_side))
        frame = Frame(self._view.camera, pixels, self._seq, at, picture.media, *source)
        self._view.frames.put(frame)

    def _due(self, now: float, wanted: Wanted) -> int:
        rate = wanted.rate if wanted.tiles else wanted.detecting.rate
        if rate <= 0:
            self._pace = None
            return 0
        if self._pace is None:
            self._pace = _Pace(now, 0.0)
            return 1
        source_rate = 1 / self._rate.interval if self._rate.interval else rate
        due = self._pace.due + (now - self._pace.at) * min(rate, source_rate)
        self._pace = _Pace(now, due - int(due))
        return int(due)

    def _watch_lag(self, media: float, now: float) -> None:
        """A backlog is thrown away by decoding key frames only, instead of being shown late."""
        lag = self._lag.measure(media, now)
        if self._skipping_since is None:
            if lag > _LATE:
                self._skipping_since = now
        elif lag < _CAUGHT_UP:
            self._skipping_since = None
        elif now - self._skipping_since > _MOST_SKIPPING:
            self._lag.reset()  # no backlog can last this long: the camera's clock has leapt
            self._skipping_since = None
