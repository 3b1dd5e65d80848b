"""What runs models: the words of the settings, and what ONNX Runtime calls it."""

from collections.abc import Iterable
from multiprocessing.connection import Connection

from embereye.runtime.process import Child, ChildGone

CPU = "CPUExecutionProvider"
_NAMES = {
    "cpu": CPU,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}
# "auto" takes what works without preparation; TensorRT builds an engine for minutes first.
_AUTOMATIC = ("cuda", "directml")
_WAIT = 20.0  # s; loading ONNX Runtime with a cold driver


def wished(provider: str) -> tuple[str, ...]:
    """What to try in this order, as ONNX Runtime names it; the CPU is always the last."""
    words = _AUTOMATIC if provider == "auto" else (provider,)
    return tuple(dict.fromkeys((*(_NAMES[word] for word in words if word in _NAMES), CPU)))


def word_of(provider: str) -> str:
    """How the settings call what ONNX Runtime names; its own name where they have none."""
    return next((word for word, name in _NAMES.items() if name == provider), provider)


def remark(wish: str, used: str) -> str:
    """What to tell where a model does not run on what was chosen; empty where it does."""
    if wish in ("auto", word_of(used)):
        return ""
    return f"{wish} cannot run it on this machine; it runs on {word_of(used)}."


def words_of(available: Iterable[str]) -> tuple[str, ...]:
    """The words of those that the settings know."""
    present = frozenset(available)
    return tuple(word for word, name in _NAMES.items() if name in present)


def offered() -> tuple[str, ...]:
    """What this machine's ONNX Runtime offers, as the settings call it; waits for a process.

    In a process of its own: it needs 40 MiB, and drivers of graphics cards crash. Offered does
    not mean that the driver works; each model says what really runs it.
    """
    child = Child("provider check", _report)
    try:
        found = child.receive(_WAIT)
    except ChildGone:
        found = None
    finally:
        child.close()
    return words_of(found) if isinstance(found, list) else ("cpu",)


def _report(pipe: Connection) -> None:
    import onnxruntime

    pipe.send(list(onnxruntime.get_available_providers()))
