"""Turns the pictures of one camera into what viewers and detection want, and counts."""

from dataclasses import dataclass, replace

import numpy as np

from embereye.ingest.camera_view import CameraView, Wanted
from embereye.ingest.effort import Effort
from embereye.ingest.pace import RateLimit, SourceRate
from embereye.ingest.picture import Decode, Picture
from embereye.ingest.picture_watch import PictureWatch
from embereye.ingest.views import fitted, limited
from embereye.model.camera import CaptureCounters, PictureSigns
from embereye.model.frame import Closeup, Frame, Part, Pixels, Tile
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock, thread_seconds

_NEAR = 640  # pixels of a closeup's longer side, as of the whole picture for a model
_UNWATCHED = PictureSigns()
_LATE_PERIOD = 0.25  # s between pictures delivered while catching up: decoding has precedence


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
        self._occasional = False
        self._effort = Effort()
        self._shown = False
        self._rate = SourceRate(before.interval)
        self._viewing, self._detecting = RateLimit(), RateLimit()
        self._pace: _Pace | None = None
        self._limit = RateLimit()
        self._handed_at = 0.0
        self._cpu_from = thread_seconds()

    def wanted_decoding(self) -> Decode:
        """How much to decode: as much as viewers and detection need and the machine can."""
        return self._effort.tier(self._view.wanted(), self._clock.mono(), shown=self._shown)

    def connected(self, interval: float, *, live: bool, occasional: bool = False) -> None:
        """The source is open; `interval` (s) as it declares it, 0: it does not.

        A source that is not `live` waits for its reader: it may be late, but has no backlog. An
        `occasional` one has pictures now and then: none is due in between, and as two of them may
        show different scenes, they are not compared with each other.
        """
        self._live = live
        self._occasional = occasional
        self._cpu_from = thread_seconds() - self.counters.cpu
        self._view.watch.connected(live=live)
        if interval:
            self._rate.interval = interval

    def arrived(self, at: Stamp) -> None:
        """A packet came that is not decoded on purpose: the camera lives.

        A tile on which a picture stands still meanwhile is not live for that.
        """
        old = self.counters
        still = self._effort.skipping and bool(self._view.wanted().tiles)
        self.counters = replace(
            old,
            undecoded=old.undecoded + 1,
            cpu=thread_seconds() - self._cpu_from,
            last_frame=old.last_frame if still else at,
        )

    def deliver(self, picture: Picture, until_key: int | None = None) -> None:
        """Put the picture where it is wanted and count it.

        `until_key`: Packets until the next key frame, where that is known.
        """
        at = self._clock.now()
        self._seq += 1
        self._shown = True
        tier = self.wanted_decoding()
        if tier is Decode.ALL:  # key frames alone say nothing about the rate
            self._rate.seen(picture.media)
        if self._live:
            self._effort.measure(picture.media, at.mono, until_key, self._rate.interval)
        self._watch_stream(picture, at)
        wanted = self._view.wanted()
        due = self._due(at.mono, wanted)
        congested = self._congested(picture.media, wanted, at.mono)
        delivered = not congested and self._hand_out(picture, wanted, at)
        if delivered:
            self._handed_at = at.mono
        # Of uploads, and where key frames are enough, nothing is due in between.
        chosen = self._occasional or (tier is Decode.KEY_FRAMES and not self._effort.late)
        self._count(picture, at, delivered if chosen else due, delivered, congested)

    def _count(
        self, picture: Picture, at: Stamp, due: int, delivered: bool, congested: bool
    ) -> None:
        # `replace` would take three times as long, at each picture.
        old = self.counters
        self.counters = CaptureCounters(
            due=old.due + due,
            delivered=old.delivered + delivered,
            decoded=old.decoded + 1,
            skipped=old.skipped + (not delivered and not congested),
            undecoded=old.undecoded,
            congested=old.congested + congested,
            received=old.received,
            cpu=thread_seconds() - self._cpu_from,
            decoder=old.decoder,
            reconnects=old.reconnects,
            fps=self._rate.delivered(at.mono) if delivered else old.fps,
            width=picture.width,
            height=picture.height,
            last_frame=at,
            interval=self._rate.interval,
            picture=self._view.watch.signs if self._checked else _UNWATCHED,
        )

    def _congested(self, media: float, wanted: Wanted, now: float) -> bool:
        """Whether the picture is left out since the machine cannot keep up.

        Only what would be due counts: what the wanted rate leaves out anyway is no loss.
        """
        if self._effort.late and now - self._handed_at < _LATE_PERIOD:
            return True
        most = self._effort.most
        rate = wanted.rate if wanted.tiles else wanted.detecting.rate
        if most is None or rate <= most:
            return False
        return not self._limit.allows(media, most, self._rate.interval)

    def _hand_out(self, picture: Picture, wanted: Wanted, at: Stamp) -> bool:
        interval = self._rate.interval
        detected = self._detecting.allows(picture.media, wanted.detecting.rate, interval)
        if detected:  # first: shared memory that is too small for a large tile blinds nobody
            self._put_frame(picture, wanted, at)
        shown = bool(wanted.tiles) and self._viewing.allows(picture.media, wanted.rate, interval)
        if shown:
            self._put_tiles(picture, wanted, at)
        return shown if wanted.tiles else detected

    def _put_tiles(self, picture: Picture, wanted: Wanted, at: Stamp) -> None:
        source = (picture.width, picture.height)
        for size, slot in wanted.tiles:
            pixels = picture.bgra(*fitted(source, picture.shape, size))
            tile = Tile(self._view.camera, pixels, self._seq, at, *source)
            slot.put(tile)
            self._view.newest = tile
        if wanted.detecting.rate <= 0:
            self._watch_picture(pixels, at)

    def _put_frame(self, picture: Picture, wanted: Wanted, at: Stamp) -> None:
        source = (picture.width, picture.height)
        pixels = picture.bgr(*limited(source, picture.shape, wanted.detecting.max_side))
        closely = wanted.closely
        near = closeup(picture, closely.part) if closely and at.mono < closely.until else None
        frame = Frame(self._view.camera, pixels, self._seq, at, picture.media, *source, near)
        self._view.frames.put(frame)
        self._watch_picture(pixels, at)

    @property
    def _checked(self) -> bool:
        """Whether pictures are watched; single ones from uploads have nothing in common."""
        return self._view.detecting.checks and not self._occasional

    def _watch_picture(self, pixels: Pixels, at: Stamp) -> None:
        """Look at what was made for others: pictures for detection, else the last tile."""
        watch = self._view.watch
        if self._checked and watch.due(at.mono):
            watch.look(pixels, at)

    def _watch_stream(self, picture: Picture, at: Stamp) -> None:
        if not self._checked:
            self._forget_view()
            return
        watch = self._view.watch
        watch.mask(getattr(picture, "masks", None))
        watch.resized(picture.width, picture.height, at)
        if self._live:
            repaired = getattr(picture, "repaired", 0)  # sources without stamps repair none
            behind = self._effort.behind
            watch.arrived(picture.media, at, repaired, behind=self._effort.late, lag=behind)

    def _forget_view(self) -> None:
        """The watch is off, or pauses while an operator turns the camera: learn anew later."""
        if self._view.watch.signs.at is not None:
            self._view.watch = PictureWatch()
            self._view.watch.connected(live=self._live)

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


def closeup(picture: Picture, part: Part) -> Closeup:
    """A part of a picture as fine as the source, at most 640 pixels a side.

    The whole picture is converted for it (1920 × 1080: 3 ms), as pictures offer no parts.
    """
    source = (picture.width, picture.height)
    whole = picture.bgr(
        *limited(source, picture.shape, round(_NEAR / max(part.width, part.height)))
    )
    rows, columns = whole.shape[:2]
    left, right = _ends(part.x, part.width, columns)
    top, bottom = _ends(part.y, part.height, rows)
    across, down = source[0] / columns, source[1] / rows
    return Closeup(
        np.ascontiguousarray(whole[top:bottom, left:right]),
        round(left * across),
        round(top * down),
        max(1, round((right - left) * across)),
        max(1, round((bottom - top) * down)),
    )


def _ends(start: float, length: float, size: int) -> tuple[int, int]:
    low = min(size - 1, round(start * size))
    return low, max(low + 1, min(size, round((start + length) * size)))
