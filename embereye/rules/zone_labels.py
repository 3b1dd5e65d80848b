"""Whether anything can ever be found of what areas and lines are about."""

from collections.abc import Collection, Iterable
from typing import Protocol

from embereye.rules.tracking import FLAMES

_OBJECTS = "persons, vehicles or other objects"


class Drawn(Protocol):
    """An area or a line, of the settings or of the rules."""

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> Collection[str]: ...


def labels_missing(drawn: Iterable[Drawn], known: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Labels that areas and lines name and no model of their camera knows, with their names.

    Args:
        known: Labels of all models of the camera, in the product's terms; flame and smoke are
            known without any model.
    """
    found: dict[str, list[str]] = {}
    for one in drawn:
        for label in sorted(set(one.labels) - FLAMES - set(known)):
            found.setdefault(label, []).append(one.name)
    return {label: tuple(names) for label, names in found.items()}


def objects_missing(drawn: Iterable[Drawn], known: Collection[str]) -> tuple[str, ...]:
    """Names of those that are about every object where no model knows any but flame and smoke."""
    if set(known) - FLAMES:
        return ()
    return tuple(one.name for one in drawn if not one.labels)


def missing_remark(drawn: Iterable[Drawn], known: Collection[str]) -> str:
    """What a person has to know and to do about it, as one sentence a line; empty: nothing."""
    listed = tuple(drawn)
    missing = labels_missing(listed, known)
    if names := objects_missing(listed, known):
        missing[_OBJECTS] = names
    return "\n".join(
        f"No model of this camera finds {label}, so {', '.join(names)} has no effect on it: "
        "import a model that does, or choose other labels."
        for label, names in missing.items()
    )
