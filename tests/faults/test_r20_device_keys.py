"""R20 for device keys: a key appears in no log, database, argument, audit row or export."""

import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from enrolment_parts import Office, office

from embereye.config.sealing import Seal
from embereye.ingest import enrolment_text
from embereye.model.messages import SecurityEvent
from embereye.runtime.instance import Ownership
from embereye.runtime.logs import Logs, RedactingFormatter
from embereye.services.enrolment_access import answer_request

_IMPORTED = bytes(range(100, 132))


def _forms(key: bytes) -> set[bytes]:
    """How a key could be written down."""
    digits = key.hex().encode()
    return {key, digits, digits.upper(), base64.b64encode(key), repr(key).encode()}


def _leaks(folder: Path, key: bytes, *texts: str) -> list[str]:
    places = {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    places.update({f"text {i}": text.encode() for i, text in enumerate(texts)})
    return [n for n, content in places.items() if any(form in content for form in _forms(key))]


@contextmanager
def _program(folder: Path) -> Iterator[Office]:
    """What owns the folder: enrolment, its port, a log of everything, the audit."""
    logs = Logs(folder / "logs", "DEBUG")
    try:
        with office(folder) as at:
            owner = Ownership(folder, lambda: None, lambda asked: answer_request(at.service, asked))
            stop = Event()
            threads = [Thread(target=part.run, args=(stop,)) for part in (at.service, owner)]
            for thread in threads:
                thread.start()
            try:
                yield at
            finally:
                stop.set()
                for thread in threads:
                    thread.join(5.0)
                owner.release()
                for event in at.posted:
                    assert isinstance(event, SecurityEvent)
                    logging.getLogger("embereye.test").debug("%r", event)
                    at.storage.audit.security(event)
    finally:
        logs.stop()


def _run(folder: Path, *words: str) -> tuple[str, str]:
    """Output, and everything else that can be seen of a command: arguments and errors."""
    command = [sys.executable, "-m", "embereye", "--data-dir", str(folder), *words]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
    )
    return done.stdout, " ".join(command) + done.stderr


def test_no_key_is_found_anywhere_but_where_it_was_asked_for(tmp_path: Path) -> None:
    folder, file = tmp_path / "data", tmp_path / "keys.txt"
    folder.mkdir()
    file.write_text(enrolment_text.write("boiler-2", "made1", _IMPORTED))
    with _program(folder):
        made, seen = _run(folder, "devices", "enrol", "boiler-1", "--json")
        seen += "".join(_run(folder, "devices", "import", str(file)))
        seen += "".join(_run(folder, "devices", "enrol", "boiler-1"))  # refused
    text = json.loads(made)["text"]
    for words in (
        ("devices", "keys", "--json"),
        ("list", "audit", "--json"),
        ("list", "devices", "--json"),
        ("config", "show", "--json"),
        ("db", "backup", "--out", str(folder / "copy")),
        ("devices", "revoke", "boiler-1"),
        ("devices", "rotate", "boiler-2", "--out", str(tmp_path / "private.txt")),
    ):
        seen += "".join(_run(folder, *words))
    rotated = enrolment_text.read((tmp_path / "private.txt").read_text()).secret
    for key in (enrolment_text.read(text).secret, _IMPORTED, rotated):
        assert _leaks(folder, key, seen) == []
    assert "boiler-1" in seen  # the search looked at something


def test_a_key_that_is_stored_unsealed_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control for the databases."""
    monkeypatch.setattr(Seal, "close", lambda self, device, kid, secret: secret)
    with office(tmp_path) as at:
        key = enrolment_text.read(at.enrol().text).secret
    assert any("embereye.db" in place for place in _leaks(tmp_path, key))


@pytest.mark.parametrize("redacting", [True, False])
def test_a_text_that_is_logged_is_hidden_by_redaction_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redacting: bool
) -> None:
    """Negative control for the logs: without redaction the search finds the key."""
    if not redacting:
        monkeypatch.setattr(RedactingFormatter, "format", logging.Formatter.format)
    with _program(tmp_path) as at:
        answer = answer_request(at.service, {"do": "enrol", "device": "boiler-1"})
        logging.getLogger("embereye.test").info("by mistake: %s", answer["text"])
    leaks = _leaks(tmp_path, enrolment_text.read(answer["text"]).secret)
    assert [Path(place).name for place in leaks] == ([] if redacting else ["embereye.log"])
