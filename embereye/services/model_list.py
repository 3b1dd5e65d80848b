"""All models that there are or that settings name, with who uses them and how they do."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from embereye.config.schema import Settings
from embereye.model.detection import FIRE, SMOKE
from embereye.model.vision_models import ImportedModel, ModelTable, ModelWork
from embereye.services.model_choice import is_file
from embereye.services.model_use import BUILT_IN, REMOTE, is_chosen, models_of, names_in, users_of
from embereye.vision.manifest import Manifest
from embereye.vision.providers import remark, word_of

_KNOWS = (
    "It knows fire and smoke only: rules about persons, vehicles or other things need an imported "
    "model."
)
_NAMELESS = (
    "It does not say what it finds: class 0, class 1 and so on, which no rule knows. Import it "
    "again with a manifest that has labels."
)


class ModelState(StrEnum):
    """How a model does."""

    USED = "in use"
    UNUSED = "not used"
    KEPT = "kept"  # another version is in use
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One row of the list.

    Attributes:
        name: As settings call it; a whole path for a file.
        version: Empty for what has none: a file, the detector on another machine.
        labels: What it can name, in the product's words, each once; empty when not known.
        runs_on: What runs it, as `detection.provider` calls it; empty when nothing does.
        cameras: Names of those that it looks at.
        text: What is wrong, or worth knowing; may be empty.
        facts: What is known of its file; None where nothing is.
    """

    name: str
    version: str
    state: ModelState
    labels: tuple[str, ...] = ()
    runs_on: str = ""
    cameras: tuple[str, ...] = ()
    text: str = ""
    facts: ImportedModel | None = None

    @property
    def title(self) -> str:
        """What it is called where there is little room."""
        return Path(self.name).name if is_file(self.name) else self.name

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.name, self.version

    @property
    def imported(self) -> bool:
        """Whether it can be changed and removed here."""
        return self.facts is not None and self.name != BUILT_IN


def listed(table: ModelTable, work: ModelWork, settings: Settings) -> tuple[ListedModel, ...]:
    """The built-in one, the imported ones, and what settings name besides."""
    known = (*((table.built_in,) if table.built_in else ()), *table.models)
    rows = [_known(model, work, settings) for model in known]
    there = {model.name for model in known}
    others = (name for name in _named(settings) if name not in there)
    return (*rows, *(_named_only(name, work, settings) for name in others))


def choices(table: ModelTable, settings: Settings) -> tuple[str, ...]:
    """What a camera can be given to be looked at with, as settings call it, each once."""
    shipped = (BUILT_IN,) if table.built_in else ()
    imported = (model.name for model in table.models)
    files = (name for name in _named(settings) if is_file(name))
    return tuple(dict.fromkeys((*shipped, *imported, *files, REMOTE)))


def only_fire(rows: tuple[ListedModel, ...]) -> bool:
    """Whether no model that is used knows anything but fire and smoke, as far as is known."""
    used = [row for row in rows if row.state is ModelState.USED]
    return all(set(row.labels) <= {FIRE, SMOKE} for row in used if row.labels or row.facts)


def advice(model: ImportedModel) -> str:
    """What a person should know about a model that works; may be empty."""
    if model.name == BUILT_IN:
        return _KNOWS
    return "" if model.trial.labels else _NAMELESS


def _known(model: ImportedModel, work: ModelWork, settings: Settings) -> ListedModel:
    trouble = model.problem or (work.troubles.get(model.name, "") if model.active else "")
    users = users_of(settings, model.name) if model.active else ()
    state = _state(trouble, used=bool(users), active=model.active)
    runs_on = work.providers.get(model.name, "") if model.active else ""
    text = trouble
    if not text and runs_on:
        text = remark(settings.detection.provider, runs_on)
    if not text:
        text = advice(model)
    return ListedModel(model.name, model.version, state, _terms(model), runs_on, users, text, model)


def _named_only(name: str, work: ModelWork, settings: Settings) -> ListedModel:
    """What settings name without it being imported: a file, another machine, a mistake."""
    users = users_of(settings, name)
    text = work.troubles.get(name, "")
    if not text and not is_file(name) and name != REMOTE:
        text = f"There is no model named {name}. Import it, or choose another one."
    runs_on = work.providers.get(name, "")
    state = _state(text, used=bool(users), active=True)
    return ListedModel(name, "", state, (), runs_on, users, text)


def _state(trouble: str, *, used: bool, active: bool) -> ModelState:
    if trouble:
        return ModelState.FAILED
    if not active:
        return ModelState.KEPT
    return ModelState.USED if used else ModelState.UNUSED


def _terms(model: ImportedModel) -> tuple[str, ...]:
    manifest = Manifest(model.name, labels=model.trial.labels)
    return tuple(dict.fromkeys(manifest.term(n) for n in range(len(model.trial.labels))))


def _named(settings: Settings) -> Iterator[str]:
    found = [*names_in(settings.detection.model)]
    for camera in settings.cameras:
        found += models_of(settings, camera)
    return iter(dict.fromkeys(name for name in found if is_chosen(settings, name)))


def provider_word(model: ImportedModel) -> str:
    """What ran its trial, as the settings call it."""
    return word_of(model.trial.provider) if model.trial.provider else ""
