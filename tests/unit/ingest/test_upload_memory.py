"""Uploads that were taken are remembered for a while, also over a restart."""

import logging
from hashlib import sha256
from pathlib import Path

import pytest
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.upload_memory import UploadMemory


def _digest(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


def test_a_content_is_known_for_its_time_only(tmp_path: Path, clock: FakeClock) -> None:
    memory = UploadMemory(tmp_path / "gate.jsonl", 300.0, clock)
    assert not memory.knows(_digest(1))
    memory.add(_digest(1))
    clock.advance(299.0)
    assert memory.knows(_digest(1))
    clock.advance(1.0)
    assert not memory.knows(_digest(1))


def test_it_survives_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    UploadMemory(tmp_path / "gate.jsonl", 300.0, clock).add(_digest(1))
    clock.advance(200.0)
    again = UploadMemory(tmp_path / "gate.jsonl", 300.0, clock)
    assert again.knows(_digest(1))
    assert not again.knows(_digest(2))


def test_a_line_cut_off_by_a_power_failure_costs_that_line_only(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "gate.jsonl"
    memory = UploadMemory(path, 300.0, clock)
    memory.add(_digest(1))
    memory.add(_digest(2))
    path.write_text(path.read_text()[:-20])
    again = UploadMemory(path, 300.0, clock)
    assert (again.knows(_digest(1)), again.knows(_digest(2))) == (True, False)
    again.add(_digest(3))
    third = UploadMemory(path, 300.0, clock)
    assert (third.knows(_digest(1)), third.knows(_digest(3))) == (True, True)


def test_its_file_stays_small(tmp_path: Path, clock: FakeClock) -> None:
    memory = UploadMemory(tmp_path / "gate.jsonl", 60.0, clock)
    for number in range(5000):
        memory.add(_digest(number))
        clock.advance(1.0)
    assert len(memory) == 60
    assert len((tmp_path / "gate.jsonl").read_text().splitlines()) < 1200


def test_a_wall_clock_set_back_does_not_make_it_last_for_ever(
    tmp_path: Path, clock: FakeClock
) -> None:
    memory = UploadMemory(tmp_path / "gate.jsonl", 300.0, clock)
    memory.add(_digest(1))
    clock.jump_wall(-86_400.0)
    assert not memory.knows(_digest(1))


def test_a_disk_that_fails_is_told_once_and_the_memory_goes_on(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = UploadMemory(tmp_path / "file" / "gate.jsonl", 300.0, clock)
    with caplog.at_level(logging.WARNING):
        memory.add(_digest(1))
        memory.add(_digest(2))
    assert memory.knows(_digest(1))
    assert memory.broken
    assert len(caplog.records) == 1


@settings(deadline=None, max_examples=80)
@given(st.binary(max_size=400))
def test_a_damaged_file_is_no_fault(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    clock = FakeClock()
    path = tmp_path_factory.mktemp("memory") / "gate.jsonl"
    path.write_bytes(text)
    memory = UploadMemory(path, 300.0, clock)
    memory.add(_digest(1))
    assert UploadMemory(path, 300.0, clock).knows(_digest(1))
