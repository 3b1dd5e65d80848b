"""Uploads are noticed by events and by polling, in bursts too, without a loss."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import FakeClock
from upload_parts import UploadRig, jpeg

from embereye.ingest import folder_watch
from embereye.ingest.folder_watch import FolderWatch, is_network
from embereye.runtime.clock import SystemClock

_BURST = 1000


@contextmanager
def _watching(watch: FolderWatch) -> Iterator[FolderWatch]:
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    try:
        _wait_for(lambda: watch.active)
        yield watch
    finally:
        stop.set()
        thread.join(5.0)
        assert not thread.is_alive()


def _wait_for(what: object, seconds: float = 5.0) -> None:
    pause, end = threading.Event(), SystemClock().mono() + seconds
    while not what():  # type: ignore[operator]
        assert SystemClock().mono() < end
        pause.wait(0.01)


def _small(number: int) -> bytes:
    """A quick picture; what follows its end makes it large enough and another content."""
    return _TINY + number.to_bytes(4, "big") * 2600


_TINY = jpeg(1, 32, 32)


def test_events_tell_what_changed_in_which_folder(tmp_path: Path) -> None:
    (tmp_path / "Front Door").mkdir()
    (tmp_path / "back").mkdir()
    with _watching(FolderWatch(tmp_path, "events")) as watch:
        assert watch.take("front_door") is None  # it begins now, so look once
        assert watch.take("back") is None
        (tmp_path / "Front Door" / "a.jpg").write_bytes(b"x")
        found: list[str] = []
        _wait_for(lambda: found.extend(watch.take("front_door") or ()) or found)
        assert set(found) == {str(tmp_path / "Front Door" / "a.jpg")}
        assert watch.take("back") == []
    assert watch.take("front_door") is None


def test_a_file_moved_here_is_told_by_its_new_name(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate" / "a.part").write_bytes(b"x")
    with _watching(FolderWatch(tmp_path, "events")) as watch:
        watch.take("gate")
        (tmp_path / "gate" / "a.part").rename(tmp_path / "gate" / "a.jpg")
        found: set[str] = set()
        _wait_for(lambda: found.update(watch.take("gate") or ()) or found)
        assert str(tmp_path / "gate" / "a.jpg") in found


def test_too_many_events_ask_for_a_look_at_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "_KEPT", 5)
    (tmp_path / "gate").mkdir()
    with _watching(FolderWatch(tmp_path, "events")) as watch:
        watch.take("gate")
        for number in range(20):
            (tmp_path / "gate" / f"{number}.jpg").write_bytes(b"x")
        _wait_for(lambda: watch.take("gate") is None)


def test_polling_needs_no_events(tmp_path: Path) -> None:
    watch = FolderWatch(tmp_path, "polling")
    watch.run(threading.Event())  # returns at once
    assert watch.take("gate") is None


def test_a_root_that_comes_later_is_watched_then(tmp_path: Path) -> None:
    root = tmp_path / "later"
    watch, stop = FolderWatch(root, "events"), threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    assert not watch.active
    root.mkdir()
    _wait_for(lambda: watch.active)
    root.rename(tmp_path / "gone")
    _wait_for(lambda: not watch.active)
    stop.set()
    thread.join(5.0)


@pytest.mark.parametrize(
    ("mount", "kind", "options", "answer"),
    [
        ("/", "ext4", "rw", False),
        ("/", "nfs4", "rw", True),
        ("/", "cifs", "rw", True),
        ("/", "fuse.sshfs", "rw", True),
        ("/", "9p", "rw", True),
        ("/", "overlay", "rw", False),
    ],
)
def test_drives_of_other_machines_are_recognised(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mount: str,
    kind: str,
    options: str,
    answer: bool,
) -> None:
    class _Drive:
        mountpoint, fstype, opts = mount, kind, options

    monkeypatch.setattr(folder_watch.psutil, "disk_partitions", lambda **_options: [_Drive()])
    assert is_network(tmp_path) is answer


@pytest.mark.parametrize("text", ["\\\\server\\share", "//server/share/x"])
def test_unc_paths_are_drives_of_other_machines(text: str) -> None:
    assert is_network(Path(text)) or not text.startswith(str(Path(text))[:2])


def test_this_machines_own_folder_is_none(tmp_path: Path) -> None:
    assert not is_network(tmp_path)


def test_a_burst_of_a_thousand_files_is_taken_without_a_loss(tmp_path: Path) -> None:
    rig = UploadRig(tmp_path, FakeClock(utc=SystemClock().now().utc))
    rig.source.open()
    for number in range(_BURST):
        (rig.folder / f"{number}.jpg").write_bytes(_small(number))
    assert len(rig.read(60.0)) == _BURST
    assert len(set(rig.taken())) == _BURST
    assert rig.source.counts.waiting == 0


@pytest.mark.paced
def test_events_bring_a_burst_into_new_folders_without_a_loss(tmp_path: Path) -> None:
    watch = FolderWatch(tmp_path / "uploads", "events")
    # Polling could not help: its interval is longer than the test.
    rig = UploadRig(tmp_path, SystemClock(), watch=watch, poll_interval=30.0)
    with _watching(watch):
        rig.source.open()
        assert rig.read(0.3) == []
        for number in range(_BURST):
            leaf = rig.folder / f"FoscamCamera_ R2_{number % 7}" / "snap record" / str(number % 13)
            leaf.mkdir(parents=True, exist_ok=True)
            (leaf / f"MDAlarm_{number}.jpg").write_bytes(_small(number))
        assert len(rig.read(20.0, until=_BURST)) == _BURST
        rig.read(0.2)
        rig.source.close()
    assert len(set(rig.taken())) == _BURST


@pytest.mark.paced
def test_events_are_quicker_than_slow_polling(tmp_path: Path) -> None:
    watch = FolderWatch(tmp_path / "uploads", "events")
    rig = UploadRig(tmp_path, SystemClock(), watch=watch, poll_interval=30.0)
    with _watching(watch):
        rig.source.open()
        rig.read(0.2)
        (rig.folder / "a.jpg").write_bytes(jpeg(1))
        begin = SystemClock().mono()
        assert len(rig.read(10.0, until=1)) == 1
        assert SystemClock().mono() - begin < 4.0
        rig.source.close()
