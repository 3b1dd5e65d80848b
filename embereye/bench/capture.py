"""`embereye bench capture`: what our whole capture path costs beside decoding alone."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from embereye.bench.capture_rig import Work, rig
from embereye.bench.clips import Recipe, make_clip
from embereye.bench.decode_peer import peer_name, peer_rate
from embereye.bench.report import Metric, Report, at_least
from embereye.bench.rtsp_load import Mount, RtspLoad
from embereye.bench.unpaced import serve_unpaced
from embereye.ingest.capture_child import serve

_TURNS = 5  # of ours and the peer's in turn, so that both meet the same other load
_SHORTEST = 1.0  # s of one turn; processor times are counted in 0.01 s
_PEER_CPU = 1.0  # s that one run of the peer should take at the rate seen first


@dataclass(frozen=True, slots=True)
class _Case:
    """One file.

    Attributes:
        target: Least ratio to the peer; None: stated only.
        cameras: Read at once over RTSP; 0: the file itself, as fast as possible.
    """

    name: str
    recipe: Recipe
    target: float | None
    cameras: int = 0


# Files are long: a console that opens its file again each few seconds measures the opening.
_CASES = (
    _Case("h264_640x480", Recipe(640, 480, 25, b_frames=True, seconds=40), 0.85),
    _Case("h265_1280x720", Recipe(1280, 720, 25, "h265", 2_000_000, True, seconds=12), 0.85),
    _Case("h264_320x240", Recipe(320, 240, 15, bits=250_000, seconds=120), 0.72),
    _Case("mjpeg_640x480", Recipe(640, 480, 15, "mjpeg", 6_000_000, seconds=60), None),
    _Case("rtsp_640x480", Recipe(640, 480, 15, seconds=20), 0.70, cameras=30),
    _Case("rtsp_320x240", Recipe(320, 240, 15, bits=250_000, seconds=60), None, cameras=40),
)


def run(seconds: float) -> Report:
    """Measure each case for about `seconds`, ours and the peer's turn in turn."""
    metrics: dict[str, Metric] = {}
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as name:
        for case in _CASES:
            metrics.update(_measure(case, Path(name), seconds))
    return Report("capture", metrics, [f"Peer: {peer_name()}.", *_NOTES])


_NOTES = [
    "Ours is the whole path: capture process, demuxing, decoding, scaling to one viewer of"
    " 320x240, shared memory, with a reader that takes the newest pictures 60 times a second."
    " Frames delivered per processor second of the capture process; the reader is stated apart.",
    "Files are read as fast as possible: their clock leaps over each wait, nothing else differs."
    " Ours and the peer take turns; ratios are medians of the turns, the peer's start is left out.",
    "RTSP: live cameras at their own pace from a server in another process, without B frames as"
    " cameras send them; the peer decodes the file that the server sends.",
]


def _measure(case: _Case, folder: Path, seconds: float) -> dict[str, Metric]:
    ending = "avi" if case.recipe.codec == "mjpeg" else "mp4"
    clip = make_clip(folder / f"{case.name}.{ending}", case.recipe)
    if not case.cameras:
        return _turns(case, clip, seconds, [str(clip)], serve_unpaced)
    names = [f"camera{number}" for number in range(case.cameras)]
    load = RtspLoad([Mount(name, clip) for name in names])
    try:
        return _turns(case, clip, seconds, [load.url(name) for name in names], serve)
    finally:
        load.close()


def _turns(
    case: _Case, clip: Path, seconds: float, sources: Sequence[str], body: Callable[..., None]
) -> dict[str, Metric]:
    """Ours is started for each of its turns: running on, it would take the peer's cache."""
    rounds = max(1, round(_PEER_CPU * peer_rate(clip, 1) / case.recipe.pictures))
    works, peers = [], []
    for _ in range(_TURNS):
        with rig(sources, clip.parent, body) as ours:
            ours.settle()
            works.append(ours.work(max(_SHORTEST, seconds / _TURNS)))
        peers.append(peer_rate(clip, rounds))
    return _metrics(case, works, peers)


def _metrics(case: _Case, works: Sequence[Work], peers: Sequence[float]) -> dict[str, Metric]:
    ratio = median(work.rate / peer for work, peer in zip(works, peers, strict=True))
    delivered = sum(work.delivered for work in works)
    reading = sum(work.reader_cpu for work in works) / sum(work.seconds for work in works)
    return {
        f"{case.name}_ratio": Metric(round(ratio, 3), "of the peer")
        if case.target is None
        else at_least(ratio, case.target, "of the peer"),
        f"{case.name}_frames": Metric(round(median(w.rate for w in works), 1), "1/s and core"),
        f"{case.name}_peer": Metric(round(median(peers), 1), "1/s and core"),
        f"{case.name}_reader": Metric(round(100 * reading, 1), "% of a core"),
        f"{case.name}_taken": Metric(
            round(sum(work.taken for work in works) / max(1, delivered), 3), "of the delivered"
        ),
    }
