"""Firmware requests of commands: through the program that owns a data folder, or directly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embereye.ingest.firmware import FirmwareLibrary
from embereye.model.errors import FirmwareError
from embereye.model.firmware import (
    HaltRolloutAsked,
    ImportFirmwareAsked,
    RolloutAsked,
    TrustMakerAsked,
)
from embereye.runtime.clock import Clock
from embereye.runtime.instance import ask_owner
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.alone import Note, alone
from embereye.services.firmware_desk import FirmwareDesk
from embereye.storage.opening import Storage

ASK = "firmware"  # the "ask" of these requests on the owner's port

_ANSWER = 30.0  # s; a USB stick reads some MB/s, a repository of sensor devices has some of them
_OWNER = _ANSWER + 2.0  # s; so that the owner's own words arrive

_NOT_RUNNING = (
    "EmberEye must be running on this data folder for that: a roll-out speaks with the devices."
    " Start the console, or embereye run --headless."
)


def answer_firmware(
    desk: FirmwareDesk, post: Callable[[object], object], asked: dict[str, Any]
) -> dict[str, Any]:
    """Do what a command asks of a running program, and the answer. Any thread; waits up to 30 s.

    Args:
        post: To the engine.
        asked: "do": trust or import with "path" (absolute), roll-out with "version", halt; "actor".

    Returns:
        "ok", and after an import "versions"; else "problem" in words.
    """
    request = _request(asked)
    if isinstance(request, HaltRolloutAsked):
        post(request)
        return {"ok": True}
    if request is None:
        return {"ok": False, "problem": "This program does not know that request."}
    box: Mailbox[str] = Mailbox(1, Full.GROW)
    desk.ask(request, lambda problem: _put(box, problem))
    for problem in box.take_all(_ANSWER):
        if problem:
            return {"ok": False, "problem": problem}
        return {"ok": True, "versions": [image.version for image in desk.images]}
    return {"ok": False, "problem": "It takes long and goes on: list the firmware in a minute."}


def ask(folder: Path, clock: Clock, asked: dict[str, Any]) -> dict[str, Any]:
    """Do what a command asks, wherever the data folder is owned; the answer of `answer_firmware`.

    Raises:
        FirmwareError: It was refused; the text says why.
        AlreadyRunning: Another command holds the folder.
        StorageError: The folder cannot be used, or its owner does not answer.
    """
    answer = ask_owner(folder, {"ask": ASK, **asked}, _OWNER)
    if answer is None:
        if asked.get("do") not in ("trust", "import"):
            raise FirmwareError(_NOT_RUNNING)
        with _direct(folder, clock) as desk:
            answer = answer_firmware(desk, _nothing, asked)
    if not answer.get("ok"):
        raise FirmwareError(str(answer.get("problem") or "The program refused it."))
    return answer


@contextmanager
def _direct(folder: Path, clock: Clock) -> Iterator[FirmwareDesk]:
    """A desk of its own while nobody owns the folder; events are stored at the end."""

    def build(_: Storage, note: Note) -> FirmwareDesk:
        return FirmwareDesk(FirmwareLibrary(folder / "firmware", clock), clock, note, _nothing)

    with alone(folder, clock, build) as desk:
        yield desk


def _request(asked: dict[str, Any]) -> object | None:
    actor, do = str(asked.get("actor", ""))[:64], asked.get("do")
    path, version = asked.get("path"), asked.get("version")
    if do == "halt":
        return HaltRolloutAsked(actor)
    if do == "roll-out" and isinstance(version, str):
        return RolloutAsked(version, actor)
    if isinstance(path, str) and do in ("trust", "import"):
        kind = TrustMakerAsked if do == "trust" else ImportFirmwareAsked
        return kind(path, actor)
    return None


def _put(box: Mailbox[str], problem: str) -> None:
    box.put(problem)


def _nothing(_: object) -> None:
    """Nobody listens."""
