"""What decoding costs at the least on this machine: `ffmpeg -threads 1 -f null -`, or PyAV."""

import re
import shutil
import subprocess
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av

from embereye.runtime.clock import process_seconds
from embereye.runtime.process import Child

_DEADLINE = 300.0  # s for one run; some take seconds
_BENCH = re.compile(r"bench: utime=([0-9.]+)s stime=([0-9.]+)s")
_FRAMES = re.compile(r"frame= *([0-9]+)")


def peer_name() -> str:
    """Who is measured against: "ffmpeg 5.1.9" where it is installed."""
    program = _ffmpeg()
    if program is None:
        return f"PyAV {av.__version__}, demuxing and decoding alone"
    words = _told(program, "-version")[0].split()
    return f"ffmpeg {words[2].split('-')[0]} -threads 1 -f null -" if len(words) > 2 else "ffmpeg"


def peer_rate(clip: Path, rounds: int) -> float:
    """Frames per processor second of decoding `clip` `rounds` times and throwing them away.

    Its start (loading, opening, the first frame) is measured apart and left out.
    """
    play = _play_ffmpeg if _ffmpeg() is not None else _play_pyav
    started, start = play(clip, 0)
    frames, seconds = play(clip, rounds)
    return (frames - started) / max(1e-6, seconds - start)


def _ffmpeg() -> str | None:
    return shutil.which("ffmpeg")


def _play_ffmpeg(clip: Path, rounds: int) -> tuple[int, float]:
    """Frames and processor seconds; 0 rounds: one frame."""
    part = ["-frames:v", "1"] if rounds == 0 else []
    loops = ["-stream_loop", str(max(0, rounds - 1))]
    command = [_ffmpeg() or "ffmpeg", "-nostdin", "-hide_banner", "-benchmark", "-threads", "1"]
    _, told = _told(*command, *loops, "-i", str(clip), *part, "-f", "null", "-")
    times, frames = _BENCH.search(told), _FRAMES.findall(told)
    if times is None or not frames:
        raise RuntimeError(f"ffmpeg does not say what it did with {clip.name}")
    return int(frames[-1]), float(times[1]) + float(times[2])


def _told(*command: str) -> tuple[str, str]:
    """What a program writes to its standard output and error."""
    done = subprocess.run(  # noqa: S603 - found by its name, our own clip and arguments
        command, capture_output=True, text=True, timeout=_DEADLINE, check=False
    )
    return done.stdout, done.stderr


def _play_pyav(clip: Path, rounds: int) -> tuple[int, float]:
    child = Child("decode peer", _decode, str(clip), rounds)
    try:
        found = child.receive(_DEADLINE)
    finally:
        child.close()
    if not isinstance(found, tuple):
        raise RuntimeError(f"the peer did not decode {clip.name}")
    return found[0], found[1]


def _decode(pipe: Connection, clip: str, rounds: int) -> None:
    begin, frames = process_seconds(), 0
    for _ in range(max(1, rounds)):
        with av.open(clip) as container:
            stream: Any = container.streams.video[0]
            stream.thread_type = "NONE"
            for _ in container.decode(stream):
                frames += 1
                if rounds == 0:
                    break
    pipe.send((frames, process_seconds() - begin))
