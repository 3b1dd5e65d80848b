"""The journal: what was appended comes back, what was cut off is skipped."""

import errno
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.errors import StorageError
from embereye.storage.journal import JOURNAL_FILE, Journal


def test_records_come_back_in_order(tmp_path):
    journal = Journal(tmp_path)
    for number in range(5):
        journal.append({"n": number, "text": "Kessel – 91 °C\n"})
    assert [r["n"] for r in Journal(tmp_path).replay()] == [0, 1, 2, 3, 4]
    assert journal.appended == 5


def test_clearing_forgets_them(tmp_path):
    journal = Journal(tmp_path)
    journal.append({"n": 1})
    journal.clear()
    assert Journal(tmp_path).replay() == []
    journal.append({"n": 2})
    assert Journal(tmp_path).replay() == [{"n": 2}]


@settings(deadline=None, max_examples=60)
@given(cut=st.integers(0, 200), flip=st.integers(0, 200), junk=st.binary(max_size=40))
def test_damage_never_raises_and_never_invents(tmp_path_factory, cut, flip, junk):
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    records = [{"n": n, "text": "x" * 20} for n in range(3)]
    for record in records:
        journal.append(record)
    content = bytearray((folder / JOURNAL_FILE).read_bytes())
    if flip < len(content):
        content[flip] ^= 0x10
    (folder / JOURNAL_FILE).write_bytes(bytes(content[: len(content) - cut]) + junk)
    assert all(record in records for record in Journal(folder).replay())


def test_a_full_disk_takes_the_ballast(tmp_path, monkeypatch):
    journal = Journal(tmp_path, ballast=65536)
    assert journal.ensure_ballast()
    real = os.fsync

    def full_while_ballast(descriptor):
        if (tmp_path / "ballast.bin").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full_while_ballast)
    journal.append({"n": 1})
    assert not (tmp_path / "ballast.bin").exists()
    assert journal.replay() == [{"n": 1}]


def test_a_disk_that_fails_is_named(tmp_path, monkeypatch):
    def broken(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(StorageError, match=r"alarms\.journal cannot be used.*Input/output error"):
        Journal(tmp_path).append({"n": 1})
    assert Journal(tmp_path).replay() == []
