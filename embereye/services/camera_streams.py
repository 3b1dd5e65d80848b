"""What is read of one camera: its main stream, its sub stream, or both."""

import logging
from dataclasses import replace

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting, Share
from embereye.ingest.views import Stream, Views
from embereye.model.camera import CameraState, CaptureCounters
from embereye.model.errors import SourceError
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged
from embereye.model.stamp import Stamp
from embereye.rules.stream_choice import StreamChoice
from embereye.services.capture_place import Running
from embereye.services.capture_site import CaptureSite

_log = logging.getLogger(__name__)

_AGAIN = 10.0  # s between looks for a main stream whose file is gone
_ALL, _NONE = Share(), Share(up_to=0, detects=False)


class CameraStreams:
    """The streams of one camera that is enabled. Engine thread; `counters` for any.

    A camera with a sub stream is watched by that one. The main stream is read only while a tile
    is too large for the sub stream, an alarm wants the best picture, or the sub stream fails.

    Attributes:
        source: The main source without credentials.
        state, detail: What the streams say together.
    """

    def __init__(
        self, camera: Camera, site: CaptureSite, views: Views, detecting: Detecting
    ) -> None:
        """Begin to read; SourceError when the main source cannot be used."""
        self.id = CameraId(camera.id)
        self.state, self.detail = CameraState.CONNECTING, ""
        self._camera, self._site, self._views = camera, site, views
        self._detecting = detecting
        self._choice = StreamChoice()
        self._lifted = self._again_at = float("-inf")
        self._past: CaptureCounters | None = None  # of main streams that were closed
        self._runs: dict[Stream, Running] = {}  # replaced, never changed
        self._links: dict[Stream, tuple[CameraState, str]] = {}
        if camera.sub_source:
            self.source = site.check(camera).written
            try:
                self._open(Stream.SUB)
            except SourceError as error:
                self._links[Stream.SUB] = (CameraState.UNSUPPORTED, str(error))
        if not self._runs:
            self.source = self._open(Stream.MAIN)

    @property
    def counters(self) -> CaptureCounters:
        """What was done so far, by both streams together; size and rate are of the better one."""
        runs = self._runs
        found = [runs[stream].counters for stream in Stream if stream in runs]
        if len(found) < 2:
            return self._with_past(found[0] if found else CaptureCounters())
        main, sub = found
        shown = main if main.last_frame is not None else sub
        last = max((c.last_frame for c in found if c.last_frame is not None), default=None)
        watched = sub if sub.picture.at is not None else main
        both = self._with_past(shown.counting(sub if shown is main else main))
        return replace(both, last_frame=last, picture=watched.picture)

    @property
    def remark(self) -> str:
        """What is wrong with the sub stream, while the main one stands in for it."""
        state, detail = self._links.get(Stream.SUB, (CameraState.LIVE, ""))
        standing_in = state is not CameraState.LIVE and self.state is CameraState.LIVE
        return f"The sub stream fails; the main stream is used. {detail}" if standing_in else ""

    def stop(self) -> None:
        """Read nothing any more."""
        for stream in tuple(self._runs):
            self._site.stop(self.id, stream)
        self._runs = {}

    def retry(self) -> None:
        """Connect again at once, whatever pause there is."""
        for run in self._runs.values():
            run.retry()

    def detect(self, detecting: Detecting) -> None:
        """What detection wants from now on."""
        self._detecting = detecting
        for stream in self._runs:
            view = self._views.of(self.id, stream)
            if view is not None:
                view.detecting = detecting

    def lift(self, until: float) -> None:
        """An alarm wants the best picture, until monotonic s."""
        self._lifted = max(self._lifted, until)

    def heard(self, message: CaptureChanged) -> None:
        """What a worker says of its stream."""
        stream = Stream.SUB if message.sub else Stream.MAIN
        if stream in self._runs:
            self._links[stream] = (message.state, message.detail)
            self._judge()

    def look(self, now: Stamp) -> None:
        """Open or close the main stream as needed, and share the work."""
        if not self._camera.sub_source:
            return
        sub_live = self._live(Stream.SUB, now.mono)
        stands_in = self._choice.stands_in(sub_live, now.mono)
        height = self._runs[Stream.SUB].counters.height if Stream.SUB in self._runs else 0
        tallest = max((size[1] for size in self._views.demanded(self.id)), default=0)
        lifted = now.mono < self._lifted
        needed = self._choice.needs_main(tallest, height, lifted, now.mono) or stands_in
        if needed and Stream.MAIN not in self._runs and now.mono >= self._again_at:
            try:
                self._open(Stream.MAIN)
            except SourceError as error:  # a file that was there at the beginning
                _log.warning("camera %s: no main stream: %s", self.id, error)
                self._again_at = now.mono + _AGAIN
        elif not needed and Stream.MAIN in self._runs:
            self._close_main()
        self._share(stands_in, 0 if lifted else height, now.mono)
        self._judge()

    def _open(self, stream: Stream) -> str:
        source = self._camera.source if stream is Stream.MAIN else self._camera.sub_source
        camera = self._camera.model_copy(update={"source": source})
        checked, run = self._site.start(camera, self._detecting, stream)
        self._runs = {**self._runs, stream: run}
        self._links[stream] = (CameraState.CONNECTING, "")
        return checked.written

    def _close_main(self) -> None:
        if Stream.SUB not in self._runs:
            return
        self._past = self._with_past(self._runs[Stream.MAIN].counters)
        self._runs = {key: run for key, run in self._runs.items() if key is not Stream.MAIN}
        self._links.pop(Stream.MAIN, None)
        self._site.stop(self.id, Stream.MAIN)

    def _with_past(self, counters: CaptureCounters) -> CaptureCounters:
        return counters if self._past is None else counters.counting(self._past)

    def _share(self, stands_in: bool, height: int, now: float) -> None:
        """Who serves which tiles, and detection. The sub stream serves until the main one can."""
        main, sub = (self._views.of(self.id, stream) for stream in Stream)
        if main is None or sub is None:
            shares = (_ALL, _ALL)
        elif not self._live(Stream.MAIN, now):
            shares = (Share(above=height, detects=False), _ALL)
        elif stands_in:
            shares = (_ALL, _NONE)
        else:
            shares = (Share(above=height, detects=False), Share(up_to=height))
        for view, share in zip((main, sub), shares, strict=True):
            if view is not None and view.share != share:
                view.share = share

    def _live(self, stream: Stream, now: float) -> bool:
        """Whether a stream delivers: connected, and a packet in the last two seconds."""
        run = self._runs.get(stream)
        if run is None or self._links[stream][0] is not CameraState.LIVE:
            return False
        counters = run.counters
        last = counters.last_frame
        return last is not None and now - last.mono < max(2.0, 3 * counters.interval)

    def _judge(self) -> None:
        """The camera works while either stream does; else what ails the one that matters."""
        links = [
            self._links[stream] for stream in (Stream.SUB, Stream.MAIN) if stream in self._runs
        ]
        live = [link for link in links if link[0] is CameraState.LIVE]
        self.state, self.detail = (live or links)[0]
