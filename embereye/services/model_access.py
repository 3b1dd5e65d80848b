"""Requests of commands about models: through the program that owns a data folder, or directly."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embereye.config.schema import Settings
from embereye.model.errors import ModelRefused
from embereye.model.vision_models import (
    ActivateModelAsked,
    ImportModelAsked,
    ModelOutcome,
    RemoveModelAsked,
)
from embereye.runtime.clock import Clock
from embereye.runtime.instance import ask_owner
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.alone import Note, alone
from embereye.services.models import ModelDesk, Request
from embereye.storage.opening import Storage
from embereye.vision.registry import ModelLibrary

ASK = "models"  # the "ask" of these requests on the owner's port
FOLDER = "models"  # in the data directory

_ANSWER = 60.0  # s; copying from a slow stick, then a trial run of at most 30 s + 15 s
_OWNER = _ANSWER + 2.0  # s; so that the owner's own words arrive


def answer_models(desk: ModelDesk, asked: dict[str, Any]) -> dict[str, Any]:
    """Do what a command asks of a running program, and the answer. Any thread; waits up to 60 s.

    Args:
        asked: "do": import with "path" (absolute), "name", "licence", "family", "activate";
            activate or remove with "name" and "version"; "actor".

    Returns:
        "ok", and after an import "model"; else "problem" in words and "families" to choose from.
    """
    request = _request(asked)
    if request is None:
        return {"ok": False, "problem": "This program does not know that request."}
    box: Mailbox[ModelOutcome] = Mailbox(1, Full.GROW)
    desk.ask(request, lambda outcome: _put(box, outcome))
    for outcome in box.take_all(_ANSWER):
        if outcome.problem:
            return {"ok": False, "problem": outcome.problem, "families": list(outcome.families)}
        return {"ok": True, "model": outcome.model}
    return {"ok": False, "problem": "It takes long and goes on: list the models in a minute."}


def ask(
    folder: Path, clock: Clock, settings: Callable[[], Settings], asked: dict[str, Any]
) -> dict[str, Any]:
    """Do what a command asks, wherever the data folder is owned; the answer of `answer_models`.

    Args:
        settings: In force where nobody owns the folder.

    Raises:
        ModelRefused: It was refused; the text says why.
        AlreadyRunning: Another command holds the folder.
        StorageError: The folder cannot be used, or its owner does not answer.
    """
    answer = ask_owner(folder, {"ask": ASK, **asked}, _OWNER)
    if answer is None:
        with _direct(folder, clock, settings) as desk:
            answer = answer_models(desk, asked)
    if not answer.get("ok"):
        families = tuple(str(family) for family in answer.get("families") or ())
        raise ModelRefused(str(answer.get("problem") or "The program refused it."), families)
    return answer


def name_for(file: str) -> str:
    """A name for the settings, made from that of a file."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", file.rpartition(".")[0].lower()).strip("-_")
    return plain[:40] or "model"


@contextmanager
def _direct(folder: Path, clock: Clock, settings: Callable[[], Settings]) -> Iterator[ModelDesk]:
    """A desk of its own while nobody owns the folder; events are stored at the end."""

    def build(_: Storage, note: Note) -> ModelDesk:
        return ModelDesk(ModelLibrary(folder / FOLDER), clock, settings, note, _nothing)

    with alone(folder, clock, build) as desk:
        yield desk


def _request(asked: dict[str, Any]) -> Request | None:
    actor, do = str(asked.get("actor", ""))[:64], asked.get("do")
    name, version, path = asked.get("name"), asked.get("version"), asked.get("path")
    if not isinstance(name, str):
        return None
    if do == "import" and isinstance(path, str):
        licence, family = str(asked.get("licence", ""))[:200], str(asked.get("family", ""))[:40]
        return ImportModelAsked(
            path, name, actor, licence, family, bool(asked.get("activate", True))
        )
    if do in ("activate", "remove") and isinstance(version, str):
        kind = ActivateModelAsked if do == "activate" else RemoveModelAsked
        return kind(name, version, actor)
    return None


def _put(box: Mailbox[ModelOutcome], outcome: ModelOutcome) -> None:
    box.put(outcome)


def _nothing(_: object) -> None:
    """Nobody listens."""
