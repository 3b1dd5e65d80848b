"""How much of a camera's stream is decoded and handed out at the moment."""

from embereye.ingest.camera_view import Wanted
from embereye.ingest.pace import Lag
from embereye.ingest.picture import Decode
from embereye.rules.congestion import CongestionLadder

_LATE = 0.7  # s; more than any jitter buffer, less than anybody should see a camera late
_CAUGHT_UP = 0.35  # s; punctual again from here, so that it does not toggle
_MOST_LATE = 12.0  # s; no backlog lasts this long, the camera's clock has leapt


class Effort:
    """Follows the viewers, and what the machine can do. Lives in the capture thread.

    Attributes:
        behind: Seconds that pictures come later than the quickest one so far.
    """

    def __init__(self) -> None:
        self.behind = 0.0
        self._lag = Lag()
        self._ladder = CongestionLadder()
        self._late_since: float | None = None
        self._skip_to_key = False

    @property
    def late(self) -> bool:
        """Whether a backlog is being caught up."""
        return self._late_since is not None

    @property
    def skipping(self) -> bool:
        """Whether a backlog is left out up to the next key frame; the picture stands still."""
        return self._skip_to_key

    @property
    def most(self) -> float | None:
        """Pictures a second that the machine keeps up with, None for no limit."""
        return self._ladder.most

    def tier(self, wanted: Wanted, now: float, *, shown: bool) -> Decode:
        """What to decode of the next packets.

        `shown`: Whether this connection had a picture. Before, a camera that nobody looks at
        must prove with a key frame that it works.
        """
        if not wanted.tiles and wanted.detecting.rate <= 0:
            return Decode.NOTHING if shown else Decode.KEY_FRAMES
        if self._skip_to_key or (not wanted.tiles and self._sparse(wanted, now)):
            return Decode.KEY_FRAMES
        return Decode.ALL if self._late_since is None else Decode.REFERENCES

    def measure(self, media: float, now: float, until_key: int | None, interval: float) -> None:
        """A picture of `media` seconds was decoded at `now`.

        A backlog is caught up by decoding without delivering, or left out up to a key frame.
        Leaving out costs nothing where the next key frame lies in the backlog already; elsewhere
        it would freeze the picture until the camera sends one.
        """
        lag = self.behind = self._lag.measure(media, now)
        if self._late_since is None:
            self._late_since = now if lag > _LATE else None
        elif lag < _CAUGHT_UP:
            self._late_since = None
        elif now - self._late_since > _MOST_LATE:
            self._lag.reset()
            self._late_since = None
        self._ladder.feed(lag, now)
        late = self._late_since is not None
        self._skip_to_key = late and until_key is not None and until_key * interval <= lag

    def _sparse(self, wanted: Wanted, now: float) -> bool:
        """Whether key frames are enough for detection: nothing moves, and the processor is busy."""
        detecting = wanted.detecting
        if now < wanted.attended:
            return False
        return self._ladder.step > 0 if detecting.sparse is None else detecting.sparse
