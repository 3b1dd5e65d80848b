"""How models are said to an operator."""

from PySide6.QtCore import QCoreApplication

from embereye.services.model_list import ListedModel, ModelState

_SHOWN = 6  # labels; a model of 80 kinds of things names the rest in the details

_PROVIDERS = {
    "cpu": "CPU", "cuda": "CUDA", "tensorrt": "TensorRT", "directml": "DirectML",
    "openvino": "OpenVINO", "coreml": "Core ML",
}  # fmt: skip


def state(row: ListedModel) -> str:
    """The state as the table says it."""
    return {
        ModelState.USED: _tr("in use"),
        ModelState.UNUSED: _tr("not used"),
        ModelState.KEPT: _tr("older version"),
        ModelState.FAILED: _tr("△ failed"),
    }[row.state]


def labels(row: ListedModel) -> str:
    """What it knows, in one line."""
    if not row.labels:
        return "–"
    shown = ", ".join(row.labels[:_SHOWN])
    more = len(row.labels) - _SHOWN
    return _tr("{0} and {1} more").format(shown, more) if more > 0 else shown


def provider(word: str) -> str:
    """What computes a model, as its maker writes it."""
    return _PROVIDERS.get(word, word) or "–"


def milliseconds(seconds: float) -> str:
    """A latency: 12 ms, 4.2 ms; – where it was not measured."""
    if seconds <= 0:
        return "–"
    value = 1000 * seconds
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def amount(count: int) -> str:
    """An amount of bytes in MiB; – where it is not known."""
    return f"{count / 2**20:.1f} MiB" if count > 0 else "–"


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)
