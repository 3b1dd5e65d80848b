"""One owner per data directory."""

import json
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from embereye.model.errors import AlreadyRunning, StorageError
from embereye.runtime.instance import Ownership, ask_owner, ask_to_show


def test_a_second_start_raises_the_first_and_gives_up(tmp_path: Path) -> None:
    shown = Event()
    owner = Ownership(tmp_path, shown.set)
    stop = Event()
    thread = Thread(target=owner.run, args=(stop,))
    thread.start()
    try:
        with pytest.raises(AlreadyRunning, match="window was raised"):
            Ownership(tmp_path, lambda: None)
        assert shown.wait(5.0)
    finally:
        stop.set()
        thread.join(5.0)
        owner.release()


def test_a_released_folder_can_be_owned_again(tmp_path: Path) -> None:
    Ownership(tmp_path, lambda: None).release()
    Ownership(tmp_path, lambda: None).release()
    assert not (tmp_path / "run.json").exists()


def test_the_token_is_private_and_needed(tmp_path: Path) -> None:
    shown = Event()
    owner = Ownership(tmp_path, shown.set)
    stop = Event()
    thread = Thread(target=owner.run, args=(stop,))
    thread.start()
    try:
        assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600
        text = (tmp_path / "run.json").read_text()
        (tmp_path / "run.json").write_text(text.replace('"token": "', '"token": "0'))
        assert not ask_to_show(tmp_path)
        assert not shown.is_set()
    finally:
        stop.set()
        thread.join(5.0)
        owner.release()


@pytest.mark.parametrize("request_", [b"", b"garbage", b"[1]", b'{"token": 5}', b"[" * 4000])
def test_garbage_on_the_loopback_port_changes_nothing(tmp_path: Path, request_: bytes) -> None:
    shown = Event()
    owner = Ownership(tmp_path, shown.set)
    stop = Event()
    thread = Thread(target=owner.run, args=(stop,))
    thread.start()
    try:
        port = owner._socket.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5.0) as connection:
            connection.sendall(request_)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(100)
        assert ask_to_show(tmp_path)
    finally:
        stop.set()
        thread.join(5.0)
        owner.release()


def test_a_folder_where_nothing_can_be_noted_is_owned_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()  # cannot be replaced by a file, like any file on a full disk
    owner = Ownership(tmp_path, lambda: None)
    with pytest.raises(AlreadyRunning):
        Ownership(tmp_path, lambda: None)
    owner.release()


@contextmanager
def _owning(
    folder: Path, on_request: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> Iterator[Ownership]:
    owner, stop = Ownership(folder, lambda: None, on_request), Event()
    thread = Thread(target=owner.run, args=(stop,))
    thread.start()
    try:
        yield owner
    finally:
        stop.set()
        thread.join(5.0)
        owner.release()


def test_a_request_reaches_the_owner_without_the_token(tmp_path: Path) -> None:
    asked = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return {"ok": True, "text": "x" * 60_000}

    with _owning(tmp_path, answer):
        got = ask_owner(tmp_path, {"ask": "devices", "big": "y" * 60_000}, 5.0)
    assert got == {"ok": True, "text": "x" * 60_000}
    assert asked == [{"ask": "devices", "big": "y" * 60_000}]


def test_a_wrong_token_gets_no_further(tmp_path: Path) -> None:
    asked: list[object] = []
    with _owning(tmp_path, lambda request: asked.append(request) or {}):
        told = json.loads((tmp_path / "run.json").read_text())
        (tmp_path / "run.json").write_text(json.dumps({**told, "token": "0" * 32}))
        assert ask_owner(tmp_path, {"ask": "devices"}, 5.0) == {"ok": False}
    assert asked == []


def test_without_an_owner_nobody_answers(tmp_path: Path) -> None:
    assert ask_owner(tmp_path, {"ask": "devices"}, 5.0) is None
    with _owning(tmp_path):
        told = (tmp_path / "run.json").read_text()
    (tmp_path / "run.json").write_text(told)  # left behind by a crash
    assert ask_owner(tmp_path, {"ask": "devices"}, 5.0) is None


def test_an_owner_that_takes_no_requests_says_so(tmp_path: Path) -> None:
    with _owning(tmp_path):
        got = ask_owner(tmp_path, {"ask": "devices"}, 5.0)
    assert got is not None
    assert not got["ok"]


def test_an_owner_that_does_not_answer_in_time_is_said(tmp_path: Path) -> None:
    release = Event()
    with _owning(tmp_path, lambda request: {"waited": release.wait(5.0)}):
        with pytest.raises(StorageError, match=r"did not answer.*is not known: look first"):
            ask_owner(tmp_path, {"ask": "devices"}, 0.2)
        release.set()


def test_requests_that_wait_hold_up_no_second_start(tmp_path: Path) -> None:
    together = Barrier(4)  # three requests and this test

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        together.wait(10.0)
        return {"ok": True}

    with _owning(tmp_path, answer):
        threads = [Thread(target=ask_owner, args=(tmp_path, {"ask": "x"}, 10.0)) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert ask_to_show(tmp_path)
        together.wait(10.0)
        for thread in threads:
            thread.join(10.0)


def test_a_request_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with _owning(tmp_path), pytest.raises(StorageError, match="64 KiB"):
        ask_owner(tmp_path, {"ask": "devices", "big": "y" * 70_000}, 5.0)
