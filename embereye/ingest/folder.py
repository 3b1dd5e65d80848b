"""Upload folders as cameras: pictures and clips that cameras put there, each taken once.

Between uploads nothing is wrong with such a camera; `Camera.upload_period` says when it is. A
picture appears when its file is complete. A clip is played through once, as fast as detection
takes its pictures: that every picture due for detection is examined counts more than its pace, so
nothing is handed on before the picture before it was taken, and each keeps its own time line.
"""

import logging
import math
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path

from embereye.ingest.folder_scan import FolderScan
from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.source import Source
from embereye.ingest.upload_file import (
    Refusal,
    UploadMoved,
    UploadRefused,
    open_upload,
    signature_of,
)
from embereye.ingest.upload_memory import UploadMemory
from embereye.ingest.upload_play import Playing
from embereye.ingest.upload_settle import Settling, Signature
from embereye.ingest.upload_site import UploadCounts, UploadSite, UploadTaken
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.errors import CameraUnreachable
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_APART = 5.0  # s of the time line between two uploads: more than any limit of rate, and no interval
_TURN = 0.1  # s between looks at files that settle; a twentieth of the time they take for that
_EXAMINED = 0.02  # s between looks whether a picture was taken by detection
_UNEXAMINED = 5.0  # s; a detector that is restarted is back by then
_IN_VAIN = 3  # pictures nobody took in a row: detection does not run, so uploads go on without
_SAFETY = 30.0  # s between full scans although events come: their queue may have overflowed
_BUSY = 10.0  # a scan may take a tenth of the time between two
_SLOWEST = 5e6  # bytes a second of a network drive that is still waited for
_SHOWN = 120  # characters of a name in logs and on screens
_HURRY = 5.0  # s between two requests to look at a camera with the full rate


class FolderSource:
    """The uploads of one camera. `counts` may be read by any thread.

    `wait(seconds)` may return early, such as at a stop.
    """

    def __init__(
        self,
        source: Source,
        camera: str,
        site: UploadSite,
        clock: Clock,
        wait: Callable[[float], object],
    ) -> None:
        self.live = False
        self.until_key: int | None = None
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ("uploads",)
        self.interval = 0.0
        self.deadlines = Deadlines(15.0, 30.0 + site.largest / _SLOWEST, math.inf)
        self.counts = UploadCounts(camera)
        self._camera = camera
        self._site = site
        self._clock = clock
        self._wait = wait
        self._scan = FolderScan(site.root, source.text)
        self._folder = source.text
        self._settling = Settling()
        self._ready: deque[tuple[str, Signature]] = deque()
        self._memory = UploadMemory(site.memory / f"{camera}.jsonl", site.duplicates, clock)
        self._looked = False  # at least once since the program started
        self._playing: Playing | None = None
        self._scaler = PlaneScaler()
        self._media = 0.0
        self._scanned = self._scan_took = 0.0  # mono, s
        self._asked: float | None = None  # mono when the last picture was handed on
        self._in_vain = 0
        self._hurried = -math.inf
        self._tally = Counter[str]()
        self._refused = Counter[Refusal]()
        self._last_refused = ""

    def open(self) -> None:
        if not self._site.root.is_dir():
            raise CameraUnreachable(
                f"The upload root {self._site.root} does not exist or cannot be read. "
                "Check uploads.root in the settings, and that the drive is mounted."
            )
        now = self._clock.now()
        if self._looked:
            self._notice(self._scan.look())
        else:
            self._notice(self._scan.begin(now.utc - self._site.duplicates))
            self._looked = True
        self._scanned = now.mono

    def read(self, timeout: float) -> Picture | None:
        if not self._is_examined():
            self._wait(min(timeout, _EXAMINED))
            return None
        self._look()
        picture = self._next()
        if picture is not None:
            return self._handed_on(picture)
        if not self._ready:
            self._wait(min(timeout, _TURN))
        return None

    def close(self) -> None:
        """An upload that was begun is taken again after the next `open`."""
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.close()
            self._ready.appendleft((playing.path, playing.signature))

    # --- finding -------------------------------------------------------------------------------

    def _look(self) -> None:
        now = self._clock.mono()
        watch = self._site.watch
        changed = watch.take(self._folder) if watch is not None else None
        if changed:
            self._notice(self._scan.look_at(changed))
        lost = changed is None and watch is not None and watch.active
        period = self._site.poll_interval if changed is None else _SAFETY
        if lost or now - self._scanned >= max(period, _BUSY * self._scan_took):
            self._notice(self._scan.look())
            self._scanned = self._clock.mono()
            self._scan_took = self._scanned - now
        found = self._settling.complete(now, signature_of)
        if found:
            self._ready.extend(sorted(found, key=lambda item: (item[1].modified, item[0])))
            self._tell()

    def _notice(self, paths: list[str]) -> None:
        if self._scan.crowded and Refusal.CROWDED not in self._refused:
            self._refuse(f"folder {self._folder}", Refusal.CROWDED)
        waiting = {path for path, _ in self._ready}
        if self._playing is not None:
            waiting.add(self._playing.path)
        now = self._clock.mono()
        for path in paths:
            if path not in waiting:
                self._settling.noticed(path, now)

    # --- taking --------------------------------------------------------------------------------

    def _next(self) -> YuvPicture | None:
        """The next picture of the upload in hand, or the first one of the next upload."""
        playing = self._playing
        if playing is None and self._ready:
            playing = self._playing = self._begun(*self._ready.popleft())
        if playing is None:
            return None
        try:
            picture = playing.next(self.decode)
        except UploadRefused as refusal:
            self._refuse(playing.opened.upload.name, refusal.reason)
            picture = None
        if picture is None:
            self._done(playing)
        return picture

    def _begun(self, path: str, signature: Signature) -> Playing | None:
        """The upload at `path`; None when it is a duplicate, refused, or is to settle again."""
        try:
            opened = open_upload(Path(path), self._site.root.resolve(), self._site.largest)
        except UploadMoved:
            self._settling.noticed(path, self._clock.mono())
            return None
        except UploadRefused as refusal:
            self._scan.done(path, signature)
            self._refuse(Path(path).name, refusal.reason)
            return None
        if self._memory.knows(opened.upload.digest):
            opened.file.close()
            self._scan.done(path, signature)
            self._tally["duplicates"] += 1
            self._tell()
            return None
        self._media += _APART
        return Playing(path, signature, opened, self._scaler, self._media, self._clock)

    def _done(self, playing: Playing) -> None:
        """Mark as taken only what was handed on to its end; what had no picture was refused."""
        self._playing = None
        playing.close()
        self._scan.done(playing.path, playing.signature)
        if playing.pictures == 0:
            return
        self.received += playing.opened.upload.size
        self._memory.add(playing.opened.upload.digest)
        self._tally["taken"] += 1
        self._media = playing.last_media
        at = self._clock.now()
        upload = playing.opened.upload
        self._site.post(UploadTaken(self._camera, upload, playing.pictures, at))
        self._tell()

    def _refuse(self, name: str, reason: Refusal) -> None:
        self._refused[reason] += 1
        self._last_refused = f"{name[:_SHOWN]!r}: {reason.value}"
        level = logging.WARNING if self._refused[reason] == 1 else logging.DEBUG
        _log.log(level, "camera %s: upload refused, %s", self._camera, self._last_refused)
        self._tell()

    # --- handing on ----------------------------------------------------------------------------

    def _handed_on(self, picture: YuvPicture) -> Picture:
        now = self._clock.mono()
        if now - self._hurried >= _HURRY:
            self._hurried = now
            self._site.hurry(self._camera)
        self.arrived += 1
        self._tally["pictures"] += 1
        self._asked = now
        return picture

    def _is_examined(self) -> bool:
        """Whether the next picture may follow; never waits for ever."""
        if self._asked is None:
            return True
        if self._site.examined(self._camera):
            self._in_vain = 0
        elif self._clock.mono() - self._asked < (_UNEXAMINED if self._in_vain < _IN_VAIN else 0.2):
            return False
        else:
            self._in_vain += 1
            self._tally["unexamined"] += 1
        self._asked = None
        return True

    def _tell(self) -> None:
        self.counts = UploadCounts(
            self._camera,
            taken=self._tally["taken"],
            pictures=self._tally["pictures"],
            duplicates=self._tally["duplicates"],
            unsettled=self._settling.unsettled,
            unexamined=self._tally["unexamined"],
            waiting=len(self._settling) + len(self._ready),
            refused=dict(self._refused),
            last_refused=self._last_refused,
        )
        self._site.post(self.counts)
