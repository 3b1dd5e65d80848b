"""Which video this machine can decode by a chip: one line of the self-test."""

from multiprocessing.connection import Connection

from embereye.ingest.hardware import offered
from embereye.model.errors import EmberEyeError
from embereye.runtime.process import Child, ChildGone
from embereye.services.self_test import Check

_CODECS = ("h264", "hevc")  # what cameras send; chips know these first
_WAIT = 15.0  # s; a cold driver of a graphics card takes up to 5 s


def chip_check() -> Check:
    """Opens each kind of decoder chip once, in a child process: drivers crash and hang."""
    return Check("video decoding", _chips, optional=True)


def _chips() -> str:
    child = Child("decoder check", _report)
    try:
        found = child.receive(_WAIT)
    except ChildGone:
        found = None
    finally:
        child.close()
    if not isinstance(found, dict):
        raise EmberEyeError(
            "the driver of the graphics card crashes or hangs: update it, "
            "and leave the decoder chips of all cameras off"
        )
    words = [f"{codec}: {', '.join(kinds)}" for codec, kinds in found.items() if kinds]
    return "; ".join(words) if words else "in software; no decoder chip is offered"


def _report(pipe: Connection) -> None:
    pipe.send({codec: offered(codec) for codec in _CODECS})
