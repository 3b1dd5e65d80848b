"""Logs: no secret gets out, no caller waits."""

import logging
from pathlib import Path

import pytest

from embereye.runtime.logs import Logs, Redaction


@pytest.mark.parametrize(
    "text",
    [
        "opening rtsp://admin:CANARY@10.0.0.5/stream",
        "opening rtsp://admin:CAN@CANARY@10.0.0.5/stream",
        "password=CANARY",
        'passwd: "CANARY"',
        "Authorization: Basic CANARY",
        "{'password': 'CANARY', 'user': 'x'}",
        "http://h/?token=CANARY&x=1",
    ],
)
def test_what_looks_like_a_secret_is_removed(text: str) -> None:
    assert "CANARY" not in Redaction().clean(text)


@pytest.mark.parametrize("form", ["s3cr/t pw", "s3cr%2Ft%20pw", "s3cr/t%20pw"])
def test_a_known_secret_is_removed_in_all_its_forms(form: str) -> None:
    redaction = Redaction()
    redaction.learn("s3cr/t pw")
    assert redaction.clean(f"camera said {form}!") == "camera said ***!"


def test_ordinary_text_stays() -> None:
    text = "camera hall-3 at rtsp://10.0.0.5:554/stream lost: timed out"
    assert Redaction().clean(text) == text


def test_tracebacks_in_the_file_are_cleaned(tmp_path: Path) -> None:
    logs = Logs(tmp_path, "INFO")
    try:
        raise ValueError("cannot open rtsp://admin:CANARY@10.0.0.5/")
    except ValueError:
        logging.getLogger("embereye.test").exception("opening %s", "rtsp://u:CANARY@h/")
    finally:
        logs.stop()
    text = (tmp_path / "embereye.log").read_text(encoding="utf-8")
    assert "ValueError" in text
    assert "CANARY" not in text


def test_without_redaction_the_canary_would_be_found(tmp_path: Path) -> None:
    """Negative control: the same record through a plain formatter shows the canary."""
    record = logging.makeLogRecord({"msg": "opening %s", "args": ("rtsp://u:CANARY@h/",)})
    assert "CANARY" in logging.Formatter().format(record)


def test_without_a_log_file_the_program_runs_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").touch()
    logs = Logs(tmp_path / "logs", "INFO")
    logging.getLogger("test").info("watching")
    logs.stop()
    told = capsys.readouterr().err
    assert "there is no log file" in told
    assert "watching" in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_once_and_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "embereye.log").symlink_to("/dev/full")
    logs = Logs(tmp_path, "INFO")
    for number in range(20):
        logging.getLogger("test").info("record %d", number)
    logs.stop()
    told = capsys.readouterr().err
    assert told.count("No space left") == 1
    assert "Traceback" not in told
