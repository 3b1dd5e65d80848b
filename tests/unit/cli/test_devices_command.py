"""`embereye devices`: with and without a running owner, by hand and from files."""

import json
import os
import stat
import subprocess
import sys
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from enrolment_parts import office
from fakes import FakeClock
from hosting import hosted

from embereye.cli.main import run_command_line
from embereye.cli.output import Exit
from embereye.config.sensor_options import Tls
from embereye.ingest import enrolment_text, tls
from embereye.runtime.instance import FolderLock, Ownership
from embereye.services.enrolment_access import answer_request
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.device_keys import load_keys

Out = pytest.CaptureFixture[str]


def _run(folder: Path, *words: str) -> int:
    return run_command_line(["--data-dir", str(folder), "devices", *words])


def _json(out: Out) -> dict[str, object]:
    return dict(json.loads(out.readouterr().out))


def _process(folder: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "embereye", "--data-dir", str(folder), "devices", *words]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
    )


@contextmanager
def _owner(folder: Path) -> Iterator[None]:
    """A running program that owns the folder, as far as devices are concerned."""
    with office(folder, FakeClock()) as at:
        owner = Ownership(folder, lambda: None, lambda asked: answer_request(at.service, asked))
        try:
            with hosted(at.service.run, owner.run, wait=5.0):
                yield
        finally:
            owner.release()


def test_a_device_is_enrolled_rotated_and_revoked(tmp_path: Path, capsys: Out) -> None:
    assert _run(tmp_path, "enrol", "boiler-1", "--json") == Exit.OK
    first = _json(capsys)
    assert enrolment_text.read(str(first["text"])).kid == first["kid"]
    assert _run(tmp_path, "rotate", "boiler-1", "--json") == Exit.OK
    capsys.readouterr()
    assert _run(tmp_path, "keys", "--json") == Exit.OK
    states = [key["state"] for key in json.loads(capsys.readouterr().out)["keys"]]
    assert states == ["retiring", "active"]
    assert _run(tmp_path, "revoke", "boiler-1") == Exit.OK
    assert [key.sealed for key in load_keys(tmp_path / EVIDENCE_FILE)] == [b"", b""]


def test_the_text_is_printed_with_a_warning(tmp_path: Path, capsys: Out) -> None:
    _run(tmp_path, "enrol", "boiler-1", "--qr")
    shown = capsys.readouterr().out
    assert "ee2:boiler-1:" in shown
    assert "this once only" in shown
    assert "█" in shown


def test_a_refusal_is_one_line_and_an_exit_code(tmp_path: Path, capsys: Out) -> None:
    assert _run(tmp_path, "rotate", "boiler-1") == Exit.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "enrol it instead" in shown.err


def test_listing_keys_of_an_empty_folder_says_what_to_do(tmp_path: Path, capsys: Out) -> None:
    assert _run(tmp_path, "keys") == Exit.DATABASE
    assert "Start the console once" in capsys.readouterr().err


def test_a_file_is_private_and_then_the_key_is_not_on_the_screen(
    tmp_path: Path, capsys: Out
) -> None:
    path = tmp_path / "key.txt"
    assert _run(tmp_path, "enrol", "boiler-1", "--out", str(path)) == Exit.OK
    assert "ee2:" not in capsys.readouterr().out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert enrolment_text.read(path.read_text()).device == "boiler-1"


@pytest.mark.parametrize(("name", "begin"), [("key.png", b"\x89PNG"), ("key.SVG", b"<?xml")])
def test_a_picture_file_is_private_too(tmp_path: Path, name: str, begin: bytes) -> None:
    """That the picture reads as the text: test_enrolment_qr.py."""
    path = tmp_path / name
    assert _run(tmp_path, "enrol", "boiler-1", "--out", str(path)) == Exit.OK
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(begin)


def test_a_file_that_exists_costs_no_key(tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "key.txt").write_text("mine")
    assert _run(tmp_path, "enrol", "boiler-1", "--out", str(tmp_path / "key.txt")) == Exit.USAGE
    assert (tmp_path / "key.txt").read_text() == "mine"
    assert not (tmp_path / EVIDENCE_FILE).exists()


def test_a_wrong_serial_port_costs_no_key(tmp_path: Path, capsys: Out) -> None:
    assert _run(tmp_path, "enrol", "boiler-1", "--serial", "/dev/nothing-here") == Exit.INTERNAL
    assert "cannot be opened" in capsys.readouterr().err
    assert not (tmp_path / EVIDENCE_FILE).exists()


def test_a_key_goes_into_a_device_without_being_shown(tmp_path: Path, capsys: Out) -> None:
    far, near = os.openpty()
    tty.setraw(near)
    heard: list[str] = []

    def device() -> None:
        text = b""
        while not text.endswith(b"!"):
            text += os.read(far, 1024)
        heard.append(text.decode().removeprefix("#key:").removesuffix("!"))
        os.write(far, b"#keyok:%s!" % enrolment_text.read(heard[0]).kid.encode())

    thread = Thread(target=device)
    thread.start()
    assert _run(tmp_path, "enrol", "boiler-1", "--serial", os.ttyname(near)) == Exit.OK
    thread.join(5.0)
    os.close(far)
    os.close(near)
    assert enrolment_text.read(heard[0]).device == "boiler-1"
    assert "ee2:" not in capsys.readouterr().out


def test_a_key_that_did_not_reach_the_device_is_shown_with_what_to_do(
    tmp_path: Path, capsys: Out
) -> None:
    far, near = os.openpty()
    tty.setraw(near)

    def device() -> None:
        os.read(far, 4096)
        os.close(far)

    thread = Thread(target=device)
    thread.start()
    assert _run(tmp_path, "enrol", "boiler-1", "--serial", os.ttyname(near)) == Exit.INTERNAL
    thread.join(5.0)
    os.close(near)
    said = capsys.readouterr()
    assert "\nee2:boiler-1:" in said.out
    assert "Enter the text above into the device, or revoke the device" in said.err
    assert "ee2:" not in said.err


def test_a_file_of_keys_is_taken_or_its_wrong_lines_are_named(tmp_path: Path, capsys: Out) -> None:
    good = [enrolment_text.write(f"d{n}", "k1", bytes([n, 9]) * 16) for n in range(3)]
    path = tmp_path / "keys.txt"
    path.write_text("\n".join([*good[:2], "ee2:nonsense", good[2]]))
    assert _run(tmp_path, "import", str(path)) == Exit.USAGE
    assert "Line 3:" in capsys.readouterr().err
    assert not (tmp_path / EVIDENCE_FILE).exists()
    path.write_text("# checked\n" + "\n".join(good))
    assert _run(tmp_path, "import", str(path), "--json") == Exit.OK
    assert _json(capsys) == {"devices": ["d0", "d1", "d2"]}


# --- beside others -------------------------------------------------------------------------------


def test_a_running_owner_does_it(tmp_path: Path, capsys: Out) -> None:
    with _owner(tmp_path):
        assert _run(tmp_path, "enrol", "boiler-1", "--json") == Exit.OK
        kid = _json(capsys)["kid"]
        assert _run(tmp_path, "enrol", "boiler-1") == Exit.USAGE
        assert "enrolled already" in capsys.readouterr().err
        assert _run(tmp_path, "keys", "--json") == Exit.OK
        assert json.loads(capsys.readouterr().out)["keys"][0]["kid"] == kid


def test_a_file_that_a_running_owner_cannot_take_at_once_is_said(
    tmp_path: Path, capsys: Out
) -> None:
    path = tmp_path / "keys.txt"
    secrets = [n.to_bytes(2, "big") * 15 + b"ab" for n in range(800)]
    texts = [enrolment_text.write(f"d{n}", "k1", secret) for n, secret in enumerate(secrets)]
    path.write_text("\n".join(texts))
    with _owner(tmp_path):
        assert _run(tmp_path, "import", str(path)) == Exit.DATABASE
        assert "smaller parts" in capsys.readouterr().err
    assert _run(tmp_path, "import", str(path)) == Exit.OK
    assert len(load_keys(tmp_path / EVIDENCE_FILE)) == 800


def test_two_commands_at_once_make_one_key_through_an_owner(tmp_path: Path) -> None:
    with _owner(tmp_path):
        both = [_process(tmp_path, "enrol", "boiler-1") for _ in range(2)]
        for process in both:
            process.communicate(timeout=60)
    assert sorted(process.returncode for process in both) == [Exit.OK, Exit.USAGE]
    assert len(load_keys(tmp_path / EVIDENCE_FILE)) == 1


def test_two_commands_at_once_make_one_key_without_an_owner(tmp_path: Path) -> None:
    both = [_process(tmp_path, "enrol", "boiler-1") for _ in range(2)]
    for process in both:
        process.communicate(timeout=60)
    assert sorted(process.returncode for process in both) == [Exit.OK, Exit.USAGE]
    assert len(load_keys(tmp_path / EVIDENCE_FILE)) == 1


def test_an_owner_without_a_port_is_not_passed_by(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embereye.services.enrolment_access._BUSY", 0.1)
    lock = FolderLock(tmp_path)
    assert _run(tmp_path, "enrol", "boiler-1") == Exit.ALREADY_RUNNING
    lock.release()
    assert not (tmp_path / EVIDENCE_FILE).exists()


@pytest.mark.parametrize(
    "asked",
    [{}, {"do": "erase", "device": "x"}, {"do": "enrol"}, {"do": "enrol", "device": 5},
     {"do": "import", "texts": "x"}, {"do": "import", "texts": [1, None]}, {"do": ["enrol"]}],
)  # fmt: skip
def test_nonsense_on_the_owners_port_is_refused(tmp_path: Path, asked: dict[str, object]) -> None:
    with office(tmp_path) as at:
        stop = Event()
        thread = Thread(target=at.service.run, args=(stop,))
        thread.start()
        answer = answer_request(at.service, asked)
        stop.set()
        thread.join(5.0)
    assert not answer["ok"]
    assert answer["problem"]
    assert load_keys(tmp_path / EVIDENCE_FILE) == ()


def test_the_certificate_that_devices_must_trust_is_shown(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _run(tmp_path, "certificate") == Exit.CONFIG
    assert "self-signed" in capsys.readouterr().err
    tls.server_context(Tls(mode="self-signed"), tmp_path)
    path = tmp_path / "certs" / tls.CERTIFICATE
    assert _run(tmp_path, "certificate", "--json") == Exit.OK
    shown = _json(capsys)
    assert shown["certificate"] == str(path)
    done = subprocess.run(
        ["openssl", "x509", "-in", str(path), "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().rpartition("=")[2].lower() == str(shown["sha256"]).lower()
    other = tls.server_context(Tls(mode="self-signed"), tmp_path / "other")
    assert other is not None
    provided = tmp_path / "other" / "certs" / tls.CERTIFICATE
    monkeypatch.setenv("EMBEREYE_SENSORS__TLS__MODE", "provided")
    monkeypatch.setenv("EMBEREYE_SENSORS__TLS__CERTIFICATE", str(provided))
    monkeypatch.setenv("EMBEREYE_SENSORS__TLS__KEY", str(provided.with_name(tls.KEY)))
    assert _run(tmp_path, "certificate") == Exit.OK
    assert str(provided) in capsys.readouterr().out
