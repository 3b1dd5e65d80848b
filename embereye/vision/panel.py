"""All detectors of one process: the heuristic for each camera, models for those that name them."""

from collections.abc import Callable
from functools import reduce

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.vision.combined import CombinedDetector
from embereye.vision.detector import Detector, Verdict, merged
from embereye.vision.heuristic import HeuristicDetector
from embereye.vision.looks import REMOTE, CameraLooks, Looks, ModelChoice
from embereye.vision.providers import word_of

_OFF = (
    "Cameras name the detector on another machine, but it is off. Switch it on "
    "(detection.remote.enabled), or choose other models for them."
)
# Measured on a road at 8 pictures a second: 33 cars crossed a line where a model looked at each
# picture, 29 at four looks a second, 8 at one, 3 of them in the wrong direction.
_FOLLOWING = 0.25

Load = Callable[[ModelChoice], Detector]
Begin = Callable[[ModelChoice, bool], None]  # the model, and whether it is being loaded


class Panel:
    """Fits the `Detector` port. Lives in one thread, the one of a child process.

    Each model is loaded once, however many cameras it looks at. One that cannot be loaded, or
    fails later, is left out until it is chosen anew; everything else goes on.
    """

    def __init__(self, load: Load, period: float, votes: int, begin: Begin | None = None) -> None:
        """`begin` is told before a model is loaded or looks, so that who hangs can be named."""
        self._load, self._begin = load, begin or _nobody
        self._period, self._votes = period, votes
        self._heuristic = HeuristicDetector()
        self.name = self._heuristic.name
        self._looks = Looks()
        self._models: dict[ModelChoice, _Announced] = {}
        self._lost: dict[ModelChoice, str] = {}
        self._remote: Detector | None = None
        self._combined: dict[CameraId, Detector] = {}

    @property
    def providers(self) -> tuple[tuple[str, str], ...]:
        """(model, what runs it) as the settings call both; models that do not tell are left out."""
        told = ((m.name, d.provider) for m, d in self._models.items())
        return tuple((name, word_of(provider)) for name, provider in told if provider)

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """What is to be told: (name of the model as the settings call it, why it is left out)."""
        lost = tuple((model.name, text) for model, text in self._lost.items())
        off = self._looks.asks_remote() and self._remote is None
        return (*lost, (REMOTE, _OFF)) if off else lost

    def assign(self, looks: Looks) -> None:
        """Look at cameras in this way from now on; cameras that do not change keep their memory."""
        before, self._looks = self._looks, looks
        wanted = frozenset(looks.models())
        self._lost = {model: text for model, text in self._lost.items() if model in wanted}
        for model in frozenset(self._models) - wanted:
            del self._models[model]
        for model in looks.models():
            if model not in self._models and model not in self._lost:
                self._take(model)
        self._follow_remote(before, looks)
        for camera in list(self._combined):
            if before.of(camera) != looks.of(camera):
                self._rebuild(camera, before.of(camera))

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera; a model that fails is left out from here on."""
        while True:
            try:
                return self._of(frame.camera).detect(frame)
            except _Lost as lost:
                self._lose(lost)

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        combined = self._combined.pop(camera, None)
        (combined or self._heuristic).forget(camera)

    def name_of(self, camera: CameraId) -> str:
        """Name and version of what looks at a camera, as stored with each result."""
        return self._of(camera).name

    def _take(self, model: ModelChoice) -> None:
        self._begin(model, True)
        try:
            self._models[model] = _Announced(model, self._load(model), self._begin)
        except DetectorError as error:
            self._lost[model] = str(error)

    def _follow_remote(self, before: Looks, looks: Looks) -> None:
        if looks.remote == before.remote:
            return
        self._remote = looks.remote.make() if looks.remote is not None else None
        for camera in list(self._combined):
            if looks.of(camera).remote:
                del self._combined[camera]

    def _rebuild(self, camera: CameraId, before: CameraLooks) -> None:
        """The heuristic keeps what it remembers of the camera; models that left it do not."""
        self._combined.pop(camera, None)
        for model in before.models:
            if model in self._models and model not in self._looks.of(camera).models:
                self._models[model].forget(camera)

    def _lose(self, lost: "_Lost") -> None:
        self._models.pop(lost.model, None)
        self._lost[lost.model] = str(lost)
        for camera in list(self._combined):
            if lost.model in self._looks.of(camera).models:
                del self._combined[camera]

    def _of(self, camera: CameraId) -> Detector:
        found = self._combined.get(camera)
        if found is None:
            found = self._combined[camera] = self._made(self._looks.of(camera))
        return found

    def _made(self, looks: CameraLooks) -> Detector:
        models: list[Detector] = [self._models[m] for m in looks.models if m in self._models]
        if looks.remote and self._remote is not None:
            models.append(self._remote)
        model = _Several(models) if len(models) > 1 else next(iter(models), None)
        # An area about a fire has nobody to follow, but would cost three times the time.
        follow = looks.follow and any(getattr(one, "objects", True) for one in models)
        period = self._period * (_FOLLOWING if follow else 1.0)
        return CombinedDetector(self._heuristic, model, period, self._votes)


class _Lost(DetectorError):
    def __init__(self, model: ModelChoice, text: str) -> None:
        super().__init__(text)
        self.model = model


class _Announced:
    """Tells which model looks now, and which one failed."""

    def __init__(self, model: ModelChoice, inner: Detector, begin: Begin) -> None:
        self.name = inner.name
        self.provider = str(getattr(inner, "provider", ""))
        self.objects = bool(getattr(inner, "objects", True))
        self._model, self._inner, self._begin = model, inner, begin

    def detect(self, frame: Frame) -> Verdict:
        self._begin(self._model, False)
        try:
            return self._inner.detect(frame)
        except DetectorError as error:
            raise _Lost(self._model, str(error)) from error

    def forget(self, camera: CameraId) -> None:
        self._inner.forget(camera)


class _Several:
    """Several models as one: the higher score of each kind counts."""

    def __init__(self, models: list[Detector]) -> None:
        self.name = " + ".join(model.name for model in models)
        self._models = models

    def detect(self, frame: Frame) -> Verdict:
        return reduce(merged, (model.detect(frame) for model in self._models))

    def forget(self, camera: CameraId) -> None:
        for model in self._models:
            model.forget(camera)


def _nobody(_model: ModelChoice, _loading: bool) -> None:
    """Nobody wants to know."""
