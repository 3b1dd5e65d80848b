"""Imported models of the detectors: what is known of each, and what people ask about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from embereye.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class ModelTrial:
    """What a trial run in a process of its own measured.

    Attributes:
        families: Layouts that the outputs can have, the likeliest first; more than one: a person
            has to choose.
        labels: What it can name.
        width, height: Of its input, px.
        load: Seconds to load it.
        p50, p95: Seconds of one picture.
        memory: Bytes that the process grew by at most.
        provider: The execution provider that ran it, as ONNX Runtime names it.
    """

    families: tuple[str, ...]
    labels: tuple[str, ...]
    width: int
    height: int
    load: float
    p50: float
    p95: float
    memory: int
    provider: str


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """One version of an imported model.

    Attributes:
        name: As settings call it.
        version: Counts from "1" in the order of imports.
        title: As its maker calls it; stored with each result.
        maker_version: As its maker counts; empty when not stated.
        family: Layout of its outputs.
        licence: Of the weights.
        sha256: Of the model file, 64 hex digits.
        size: Bytes.
        imported_by: Who brought it here.
        imported_utc: Seconds UTC.
        active: Whether this version is the one in use under the name.
        problem: Why it cannot be used, empty when nothing is wrong.
        path: Of its file.
    """

    name: str
    version: str
    title: str
    maker_version: str
    family: str
    licence: str
    sha256: str
    size: int
    imported_by: str
    imported_utc: float
    trial: ModelTrial
    active: bool = False
    problem: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """What became of a request.

    Attributes:
        asked: Number of the request.
        problem: In words; empty when it was done.
        families: To choose from, where the family could not be told.
        model: What was imported, "name version"; empty otherwise.
    """

    asked: int
    problem: str = ""
    families: tuple[str, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True)
class ModelTable:
    """All imported models; a frozen snapshot.

    Attributes:
        models: By name, then newest version first.
        built_in: The one that ships with the program; None where it does not.
        providers: What can run models here, as `detection.provider` calls them; empty until known.
        busy: What is being done at the moment, in words; empty when nothing is.
        outcome: Of the newest request.
    """

    revision: int = 0
    models: tuple[ImportedModel, ...] = ()
    built_in: ImportedModel | None = None
    providers: tuple[str, ...] = ()
    busy: str = ""
    outcome: ModelOutcome | None = None


@dataclass(frozen=True, slots=True)
class ModelWork:
    """What the detectors make of the models at the moment.

    Attributes:
        troubles: Why a model is left out, by the name in the settings.
        providers: What runs a model, as `detection.provider` calls it, by that name.
    """

    troubles: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportModelAsked:
    """Take the model in a file: an .onnx, with its manifest (.toml) beside it, or a .zip of both.

    Attributes:
        name: What settings shall call it.
        licence: Of the weights, where no manifest states it.
        family: Where it cannot be told, or what was told is wrong; empty: told.
        activate: Use it from now on; the first version of a name is used anyhow.
        asked: Number that the outcome carries.
    """

    path: str
    name: str
    actor: str
    licence: str = ""
    family: str = ""
    activate: bool = True
    asked: int = 0


@dataclass(frozen=True, slots=True)
class ActivateModelAsked:
    """Use another version of a model from now on: a newer one, or back to an older one."""

    name: str
    version: str
    actor: str
    asked: int = 0


@dataclass(frozen=True, slots=True)
class RemoveModelAsked:
    """Remove a version; the last one with its name."""

    name: str
    version: str
    actor: str
    asked: int = 0


@dataclass(frozen=True, slots=True)
class EditDetectionAsked:
    """Change how all cameras are looked at; None: back to the default."""

    values: Mapping[str, object]
    actor: str


@dataclass(frozen=True, slots=True)
class ModelsChanged:
    """Another version is active under some name, or a name is gone."""

    at: Stamp
