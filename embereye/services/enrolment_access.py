"""Reaches the enrolment of a data folder: through the program that owns it, or directly."""

from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from typing import Any

from embereye.config.secrets import SecretStore
from embereye.model.device_messages import (
    DeviceEnrolled,
    EnrolDeviceAsked,
    ImportKeysAsked,
    KeysImported,
    RevokeDeviceAsked,
    RotateKeyAsked,
)
from embereye.model.errors import AlreadyRunning, EnrolmentRefused
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.runtime.clock import Clock
from embereye.runtime.instance import ask_owner
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.alone import Note, alone
from embereye.services.enrolment import Enrolment
from embereye.storage.opening import Storage

ASK = "devices"  # the "ask" of these requests on the owner's port

_ANSWER = 12.0  # s; a key ring may take 2 × 3 s, the disk 5 s
_OWNER = _ANSWER + 2.0  # s; so that the owner's own words arrive
_BUSY = 5.0  # s for which another command may hold the folder
_TURN = 0.1  # s between two tries

_KINDS = {"enrol": EnrolDeviceAsked, "rotate": RotateKeyAsked, "revoke": RevokeDeviceAsked}


def answer_request(enrolment: Enrolment, asked: dict[str, Any]) -> dict[str, Any]:
    """Do what a command asks of a running program, and the answer. Any thread; waits up to 12 s.

    Args:
        asked: "do": enrol, rotate, revoke with "device", or import with "texts"; "actor".

    Returns:
        "ok", and "device", "kid", "text" of a new key, or "devices"; else "problem" in words.
    """
    request = _request(asked)
    if request is None:
        return {"ok": False, "problem": "This program does not know that request."}
    box: Mailbox[object] = Mailbox(1, Full.GROW)
    enrolment.ask(request, lambda answer: _put(box, answer))
    for answer in box.take_all(_ANSWER):
        if isinstance(answer, RequestRefused):
            return {"ok": False, "problem": answer.text}
        if isinstance(answer, DeviceEnrolled):
            key = {"device": answer.device, "kid": answer.kid, "text": answer.text}
            return {"ok": True, **key}
        if isinstance(answer, KeysImported):
            return {"ok": True, "devices": list(answer.devices)}
        return {"ok": True}
    return {"ok": False, "problem": "The program is too busy to answer: try again in a moment."}


def ask(folder: Path, secrets: SecretStore, clock: Clock, asked: dict[str, Any]) -> dict[str, Any]:
    """Do what a command asks, wherever the data folder is owned; the answer of `answer_request`.

    Raises:
        EnrolmentRefused: It was refused; the text says why.
        AlreadyRunning: Another command holds the folder for too long.
        StorageError: The folder cannot be used, or its owner does not answer.
    """
    end = clock.mono() + _BUSY
    while True:
        answer = ask_owner(folder, {"ask": ASK, **asked}, _OWNER)
        if answer is None:
            try:
                with _direct(folder, secrets, clock) as enrolment:
                    answer = answer_request(enrolment, asked)
            except AlreadyRunning:
                if clock.mono() > end:
                    raise
                Event().wait(_TURN)
                continue
        if not answer.get("ok"):
            raise EnrolmentRefused(str(answer.get("problem") or "The program refused it."))
        return answer


def _direct(folder: Path, secrets: SecretStore, clock: Clock) -> AbstractContextManager[Enrolment]:
    """An enrolment of its own while nobody owns the folder; no device is heard there."""

    def build(storage: Storage, note: Note) -> Enrolment:
        # Nothing is published: every request brings its own answer.
        enrolment = Enrolment(storage.device_keys, secrets, clock, _nothing, note, _nothing)
        enrolment.prepare()
        return enrolment

    return alone(folder, clock, build)


def _request(asked: dict[str, Any]) -> object | None:
    actor, do = str(asked.get("actor", ""))[:64], str(asked.get("do"))
    texts = asked.get("texts")
    if do == "import" and isinstance(texts, list):
        return ImportKeysAsked(tuple(str(text) for text in texts), actor)
    device = asked.get("device")
    if do in _KINDS and isinstance(device, str):
        return _KINDS[do](DeviceId(device), actor)
    return None


def _put(box: Mailbox[object], answer: object) -> None:
    box.put(answer)


def _nothing(_: object) -> None:
    """Nobody listens."""
