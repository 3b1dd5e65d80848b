"""One owner per data directory."""

import socket
import stat
from pathlib import Path
from threading import Event, Thread

import pytest

from embereye.model.errors import AlreadyRunning
from embereye.runtime.instance import Ownership, ask_to_show


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
