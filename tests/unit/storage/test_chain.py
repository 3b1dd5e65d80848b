"""R19: edits, deletions, swaps and truncation of audit rows are found."""

import stat
import time

import pytest
from storage_parts import AT, opened, running

from embereye.model.errors import StorageError
from embereye.storage.chain import Chain, Heads, load_key
from embereye.storage.database import EVIDENCE_FILE, open_writer, transaction


@pytest.fixture
def audited(tmp_path):
    storage = opened(tmp_path)
    with running(storage.evidence):
        for number in range(10):
            storage.audit.record("settings", f"subject {number}", "Ann", "changed", AT)
    return tmp_path


def verify(folder, key=None):
    chain = Chain(key or load_key(folder))
    return chain.verify(folder / EVIDENCE_FILE, "audit", Heads(folder))


def tamper(folder, *statements):
    connection = open_writer(folder / EVIDENCE_FILE, durable=True)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_an_untouched_audit_is_sound(audited):
    assert verify(audited) == []


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE audit SET actor = 'Bob' WHERE id = 4"], "row 4 was changed"),
        (["UPDATE audit SET at_utc = at_utc + 1 WHERE id = 10"], "row 10 was changed"),
        (["DELETE FROM audit WHERE id = 4"], "row 4 is missing"),
        (["DELETE FROM audit WHERE id = 1"], "row 1 is missing"),
        (
            ["DELETE FROM audit WHERE id = 4", "UPDATE audit SET id = id - 1 WHERE id > 4"],
            "row 4 was changed",
        ),
        (
            [
                "UPDATE audit SET id = 99 WHERE id = 4",
                "UPDATE audit SET id = 4 WHERE id = 5",
                "UPDATE audit SET id = 5 WHERE id = 99",
            ],
            "row 4 was changed",
        ),
        (["DELETE FROM audit WHERE id > 7"], "rows up to 10 were removed"),
        (["DELETE FROM audit"], "rows up to 10 were removed"),
    ],
)
def test_tampering_is_found(audited, statements, found):
    tamper(audited, *statements)
    (problem,) = verify(audited)
    assert found in problem


def test_without_the_heads_a_truncation_would_pass(audited):
    # The negative control: the chain alone cannot see a missing end.
    tamper(audited, "DELETE FROM audit WHERE id > 7")
    (audited / "audit.heads").unlink()
    assert verify(audited) == []


def test_another_key_cannot_make_a_valid_chain(audited):
    assert verify(audited, bytes(32)) != []


def test_rows_after_the_noted_head_are_fine(audited):
    heads = (audited / "audit.heads").read_text()
    storage = opened(audited)
    with running(storage.evidence):
        storage.audit.record("settings", "later", "Ann", "changed", AT)
    (audited / "audit.heads").write_text(heads)
    assert verify(audited) == []


def test_the_key_is_for_the_owner_only_and_kept(tmp_path):
    key = load_key(tmp_path)
    assert load_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "audit.key").stat().st_mode) == 0o600


def test_a_damaged_key_is_named(tmp_path):
    (tmp_path / "audit.key").write_text("not hexadecimal")
    with pytest.raises(StorageError, match=r"audit\.key cannot be used"):
        load_key(tmp_path)


def test_verifying_is_fast(tmp_path):
    storage = opened(tmp_path)
    chain = Chain(load_key(tmp_path))
    connection = storage.evidence._open()
    with transaction(connection):
        for number in range(5000):
            chain.append(connection, "audit", (AT.utc, "settings", str(number), "Ann", "changed"))
    storage.evidence._close()
    started = time.process_time()
    assert verify(tmp_path) == []
    # The promise is 50,000 rows/s; a loaded machine may take three times as long.
    assert 5000 / (time.process_time() - started) > 17_000
