"""Detectors in this process, as a detector process puts them together; for measuring only.

What hangs or dies here takes the command along; a live camera is never judged this way.
"""

from functools import partial

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.services.model_choice import Imported, camera_looks
from embereye.vision.closeup import CloseupDetector
from embereye.vision.detector import Detector, Verdict
from embereye.vision.heuristic import HeuristicDetector
from embereye.vision.looks import CameraLooks, Looks
from embereye.vision.panel import Panel
from embereye.vision.pool_child import PoolOptions, loaded


def chain_of(models: str, imported: Imported) -> Detector:
    """The heuristic, the models of a text such as "built-in, persons", and what joins them.

    Raises:
        DetectorError: a model cannot be used, or it is the one on another machine.
    """
    usual = PoolOptions()
    load = partial(loaded, provider=usual.provider, in_turn=True)
    panel = Panel(load, usual.model_period, usual.model_votes)
    panel.assign(Looks(others=_local(models, imported)))
    if panel.troubles:
        raise DetectorError(" ".join(text for _, text in panel.troubles))
    return _Strict(panel)


def model_of(models: str, imported: Imported) -> Detector:
    """The one model alone, for single pictures; without any the colour rule of the heuristic.

    Raises:
        DetectorError: as in `chain_of`, or there are several.
    """
    choices = _local(models, imported).models
    if len(choices) > 1:
        raise DetectorError("Choose one model: pictures are judged by one at a time.")
    return loaded(choices[0], PoolOptions().provider) if choices else HeuristicDetector()


def _local(models: str, imported: Imported) -> CameraLooks:
    looks = camera_looks(models, imported)
    if looks.remote:
        raise DetectorError("The detector on another machine cannot be measured. Leave it out.")
    return looks


class _Strict:
    """A panel that says so instead of going on without a model: figures would be those of less."""

    def __init__(self, panel: Panel) -> None:
        self._panel, self._detector = panel, CloseupDetector(panel)
        self.name = panel.name_of(CameraId("any"))

    def detect(self, frame: Frame) -> Verdict:
        verdict = self._detector.detect(frame)
        if self._panel.troubles:
            raise DetectorError(" ".join(text for _, text in self._panel.troubles))
        return verdict

    def forget(self, camera: CameraId) -> None:
        self._detector.forget(camera)
