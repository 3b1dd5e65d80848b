"""Which detectors look at which camera, as the processes of the pool are told it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from embereye.model.ids import CameraId
from embereye.vision.detector import Detector

BUILT_IN, REMOTE = "built-in", "remote"  # as settings call them


class RemoteMaker(Protocol):
    """Makes the detector that says what another machine said. A small frozen value: it goes by
    pipe. Its detector must not wait for the other machine.
    """

    def make(self) -> Detector:
        """The detector, in the process that uses it; cannot fail."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One chosen model.

    Attributes:
        name: As the settings call it: "built-in", an imported name, or a path.
        path: Of the ONNX file; empty when there is none of that name.
    """

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class CameraLooks:
    """What looks at one camera beside the heuristic.

    Attributes:
        models: In the order of the settings, none twice.
        remote: Whether the detector on another machine is asked too.
        follow: Whether objects must be followed from look to look, for areas and lines about
            persons, vehicles …; then models look four times as often.
    """

    models: tuple[ModelChoice, ...] = ()
    remote: bool = False
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Looks:
    """A frozen table, replaced as a whole.

    Attributes:
        cameras: Those that are looked at.
        others: What looks at cameras that are not named (files of the command line, benchmarks).
        remote: Makes the detector on another machine; None when there is none.
    """

    cameras: Mapping[CameraId, CameraLooks] = field(default_factory=dict)
    others: CameraLooks = CameraLooks()
    remote: RemoteMaker | None = None

    def of(self, camera: CameraId) -> CameraLooks:
        """What looks at a camera; a closeup ("yard closeup") belongs to its camera."""
        return self.cameras.get(CameraId(camera.partition(" ")[0]), self.others)

    def only(self, cameras: Iterable[CameraId]) -> "Looks":
        """The part that concerns these cameras."""
        return replace(self, cameras={c: self.cameras[c] for c in cameras if c in self.cameras})

    def without(self, paths: Iterable[str]) -> "Looks":
        """The table without the models of these files."""
        gone = frozenset(paths)
        if not gone:
            return self
        rest = {camera: _without(looks, gone) for camera, looks in self.cameras.items()}
        return replace(self, cameras=rest, others=_without(self.others, gone))

    def models(self) -> tuple[ModelChoice, ...]:
        """Every model that somebody needs, once."""
        all_looks = (*self.cameras.values(), self.others)
        return tuple(dict.fromkeys(model for looks in all_looks for model in looks.models))

    def asks_remote(self) -> bool:
        """Whether any camera is to be looked at by the detector on another machine."""
        return any(looks.remote for looks in (*self.cameras.values(), self.others))


def _without(looks: CameraLooks, paths: frozenset[str]) -> CameraLooks:
    return replace(looks, models=tuple(m for m in looks.models if m.path not in paths))
