"""Opening databases: what is wrong is said in words that help."""

import os
import shutil
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from embereye.model.errors import StorageError
from embereye.storage import database
from embereye.storage.database import open_writer, read_all, transaction


def made(path):
    connection = open_writer(path, durable=True)
    connection.execute("CREATE TABLE t (n INTEGER)")
    return connection


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_the_writer_uses_wal_and_the_wanted_durability(tmp_path, durable, level):
    connection = open_writer(tmp_path / "a.db", durable=durable)
    pragmas = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "mmap_size",
            "wal_autocheckpoint",
        )
    }
    connection.close()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": level,
        "foreign_keys": 1,
        "mmap_size": 0,
        "wal_autocheckpoint": 0,
    }


def test_reading_works_while_a_transaction_is_open(tmp_path):
    connection = made(tmp_path / "a.db")
    with transaction(connection):
        connection.execute("INSERT INTO t VALUES (1)")
        assert read_all(tmp_path / "a.db", "SELECT n FROM t") == []
    assert read_all(tmp_path / "a.db", "SELECT n FROM t") == [{"n": 1}]
    connection.close()


def test_a_reader_cannot_write(tmp_path):
    made(tmp_path / "a.db").close()
    with pytest.raises(StorageError, match="read-only"):
        read_all(tmp_path / "a.db", "DELETE FROM t")


@contextmanager
def without_privileges():
    """Root may write everywhere; be nobody for a moment."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_reading_works_in_a_folder_that_is_read_only():
    folder = Path(tempfile.mkdtemp())  # not tmp_path: another user must be able to look into it
    try:
        connection = made(folder / "a.db")
        connection.execute("INSERT INTO t VALUES (7)")
        connection.close()
        (folder / "a.db").chmod(0o444)
        folder.chmod(0o555)
        with without_privileges():
            assert read_all(folder / "a.db", "SELECT n FROM t") == [{"n": 7}]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"this is a letter, not a database " * 100, "not a database.*Move it aside"),
        (b"", "lacks tables of this version"),
    ],
)
def test_a_file_that_is_no_database_is_named(tmp_path, content, text):
    path = tmp_path / "embereye.db"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=text):
        read_all(path, "SELECT * FROM alarms")


def test_a_damaged_database_says_how_to_restore(tmp_path):
    path = tmp_path / "embereye.db"
    connection = made(path)
    with transaction(connection):
        connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(5000)])
    connection.close()
    content = bytearray(path.read_bytes())
    content[4096:40960] = bytes([0x5A]) * 36864
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"embereye\.db is damaged.*db restore"):
        read_all(path, "SELECT sum(n) FROM t")


def test_a_missing_database_is_not_made_by_reading(tmp_path):
    with pytest.raises(StorageError, match=r"There is no a\.db"):
        read_all(tmp_path / "a.db", "SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StorageError, match="Check that the folder"):
        open_writer(tmp_path / "nowhere" / "a.db", durable=True)


def test_a_locked_database_names_the_cure(tmp_path):
    path = tmp_path / "a.db"
    connection = made(path)
    # Not the standard library's: two SQLites in one process do not see each other's locks.
    other = database.connect(str(path), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageError, match=r"locked by another program\. Close"):
        write_in_transaction(connection, path)
    other.close()
    connection.close()


def write_in_transaction(connection, path):
    with database.explained(path), transaction(connection):
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("INSERT INTO absent VALUES (1)")


def test_an_error_rolls_the_transaction_back(tmp_path):
    connection = made(tmp_path / "a.db")
    with pytest.raises(StorageError, match="no such table"):
        write_in_transaction(connection, tmp_path / "a.db")
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM t").fetchone()[0] == 0
    connection.close()


def test_readers_of_many_threads_leave_nothing_open(tmp_path):
    connection = made(tmp_path / "a.db")
    threads = [
        threading.Thread(target=read_all, args=(tmp_path / "a.db", "SELECT n FROM t"))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    assert busy == 0


def test_an_old_sqlite_is_warned_about(monkeypatch, caplog):
    monkeypatch.setattr(database.sqlite, "sqlite_version_info", (3, 40, 1))
    database.warn_old_sqlite()
    assert "can damage a database" in caplog.text


@pytest.mark.parametrize("query", ["SELECT n FROM later", "SELECT later FROM t"])
def test_a_database_of_an_older_version_says_how_to_update_it(tmp_path, query):
    path = tmp_path / "a.db"
    made(path).close()
    with pytest.raises(StorageError, match=r"lacks tables.*\. Run 'embereye db migrate'"):
        read_all(path, query)
