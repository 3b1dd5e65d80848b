"""Keys of devices: minted, rotated, revoked; stored before shown, out before stored."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from enrolment_parts import ONE, Office, office
from fakes import FakeClock
from storage_parts import opened

from embereye.config.sealing import MASTER
from embereye.config.secrets import FileSecrets
from embereye.ingest import enrolment_text
from embereye.model.credential import KeyState
from embereye.model.device_messages import (
    DeviceEnrolled,
    DeviceRevoked,
    EnrolDeviceAsked,
    ImportKeysAsked,
    KeysImported,
    RevokeDeviceAsked,
    RotateKeyAsked,
)
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused, SecurityEvent
from embereye.services.key_book import OVERLAP
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.device_keys import load_keys

_TWO = DeviceId("boiler-2")
_TEXT = enrolment_text.write("boiler-2", "made1", bytes(range(32)))


def _refusal(answer: object) -> str:
    assert isinstance(answer, RequestRefused), answer
    return answer.text


def test_an_enrolled_device_has_the_key_that_was_shown(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        answer = at.enrol()
        shown = enrolment_text.read(answer.text)
        key = at.ring.valid(ONE, answer.kid, at.clock.now().utc)
    assert key is not None
    assert (shown.device, shown.kid, shown.secret) == (ONE, key.kid, key.secret)
    assert key.state is KeyState.ACTIVE


def test_the_key_is_in_no_repr(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        answer = at.enrol()
        asked = ImportKeysAsked((answer.text,), "anna")
        seen = repr(
            (answer, at.ring.of(ONE), asked, at.posted, load_keys(tmp_path / EVIDENCE_FILE))
        )
        assert enrolment_text.read(answer.text).secret.hex() not in seen
        assert answer.text not in seen


def test_a_restart_restores_the_ring(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        at.enrol()
        at.enrol(_TWO)
        at.revoke(_TWO)
        before = {key.kid: key for key in (*at.ring.of(ONE), *at.ring.of(_TWO))}
    with office(tmp_path) as at:
        after = {key.kid: key for key in (*at.ring.of(ONE), *at.ring.of(_TWO))}
    assert after == before


@pytest.mark.parametrize("device", ["", "../x", "a b", "x" * 65, "con", "a:b", "#x!"])
def test_what_cannot_be_an_id_is_not_enrolled(tmp_path: Path, device: str) -> None:
    with office(tmp_path) as at:
        text = _refusal(at.ask(EnrolDeviceAsked(DeviceId(device), "anna")))
    assert "cannot be the id" in text
    assert load_keys(tmp_path / EVIDENCE_FILE) == ()


def test_enrolling_twice_is_refused(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        at.enrol()
        assert "rotate" in _refusal(at.ask(EnrolDeviceAsked(ONE, "anna")))
        assert len(at.ring.of(ONE)) == 1


@pytest.mark.parametrize("kind", [RotateKeyAsked, RevokeDeviceAsked])
def test_a_device_without_a_key_is_neither_rotated_nor_revoked(tmp_path: Path, kind: type) -> None:
    with office(tmp_path) as at:
        assert "not enrolled" in _refusal(at.ask(kind(ONE, "anna")))


def test_both_keys_are_valid_during_a_rotation_and_the_old_one_ends(tmp_path: Path) -> None:
    clock = FakeClock()
    with office(tmp_path, clock) as at:
        old = at.enrol().kid
        new = at.ask(RotateKeyAsked(ONE, "anna"))
        assert isinstance(new, DeviceEnrolled)
        assert set(at.valid()) == {old, new.kid}
        assert at.ring.key(ONE, old).state is KeyState.RETIRING  # type: ignore[union-attr]
        clock.advance(OVERLAP - 1.0)
        at.service.step()
        assert set(at.valid()) == {old, new.kid}
        rings = len(at.rings)
        clock.advance(1.0)
        at.service.step()
        assert at.valid() == [new.kid]
        assert len(at.rings) == rings + 1  # the server is told, to close live sessions
        assert at.ring.key(ONE, old).secret == b""  # type: ignore[union-attr]
    closed = next(row for row in load_keys(tmp_path / EVIDENCE_FILE) if row.kid == old)
    assert closed.sealed == b""


def test_the_overlap_is_at_most_seven_days() -> None:
    assert OVERLAP <= 7 * 86_400


def test_a_third_key_within_the_overlap_is_refused(tmp_path: Path) -> None:
    clock = FakeClock()
    with office(tmp_path, clock) as at:
        at.enrol()
        at.ask(RotateKeyAsked(ONE, "anna"))
        assert "two keys" in _refusal(at.ask(RotateKeyAsked(ONE, "anna")))
        clock.advance(OVERLAP)
        assert isinstance(at.ask(RotateKeyAsked(ONE, "anna")), DeviceEnrolled)


def test_a_revoked_device_stays_known_and_loses_its_sealed_keys(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        kid = at.enrol().kid
        assert isinstance(at.revoke(), DeviceRevoked)
        assert at.valid() == []
        assert ONE in at.ring.enrolled
        assert at.ring.key(ONE, kid).state is KeyState.REVOKED  # type: ignore[union-attr]
    (row,) = load_keys(tmp_path / EVIDENCE_FILE)
    assert row.sealed == b""
    assert row.revoked_utc is not None
    with office(tmp_path) as at:
        assert at.valid() == []
        assert ONE in at.ring.enrolled


def test_a_revoked_device_can_be_enrolled_again_with_another_key(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        first = at.enrol()
        at.revoke()
        again = at.enrol()
        assert again.kid != first.kid
        assert at.valid() == [again.kid]


def test_a_revocation_is_in_force_before_the_disk_answers(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        at.enrol()
        disk = sqlite3.connect(tmp_path / EVIDENCE_FILE, isolation_level=None)
        disk.execute("BEGIN IMMEDIATE")  # the writer cannot commit now
        answers: list[object] = []
        at.service.ask(RevokeDeviceAsked(ONE, "anna"), answers.append)
        at.service.step()
        assert at.valid() == []
        assert answers == []
        at.clock.advance(5.0)
        at.service.step()
        assert "stays out" in _refusal(answers[0])
        assert at.valid() == []
        disk.execute("ROLLBACK")
        disk.close()
    assert load_keys(tmp_path / EVIDENCE_FILE)[0].revoked_utc is not None


def test_no_key_is_shown_or_left_behind_when_the_disk_does_not_take_it(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        disk = sqlite3.connect(tmp_path / EVIDENCE_FILE, isolation_level=None)
        disk.execute("BEGIN IMMEDIATE")
        answers: list[object] = []
        at.service.ask(EnrolDeviceAsked(ONE, "anna"), answers.append)
        at.service.step()
        assert answers == []
        at.clock.advance(5.0)
        at.service.step()
        assert "No key of boiler-1 was changed" in _refusal(answers[0])
        disk.execute("ROLLBACK")
        disk.close()
        at.enrol(_TWO)  # what waited before it is committed now, and was taken back
        at.service.step(0.2)
        assert ONE not in at.ring.enrolled
    assert [row.device for row in load_keys(tmp_path / EVIDENCE_FILE)] == [_TWO]


def test_a_revocation_overtakes_a_rotation_that_is_not_stored_yet(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    at = Office(storage, FakeClock())
    answers: list[object] = []
    for request in (EnrolDeviceAsked(ONE, "anna"), RevokeDeviceAsked(ONE, "bert")):
        at.service.ask(request, answers.append)
    at.service.step()
    assert "revoked meanwhile" in _refusal(answers[0])
    _finish(at)
    assert isinstance(answers[1], DeviceRevoked)
    assert load_keys(tmp_path / EVIDENCE_FILE) == ()


def _finish(at: Office) -> None:
    """Commit what waits and let the service hear of it, twice: it may take something back."""
    for _ in range(2):
        at.storage.evidence.step()
        at.service.step()
    stop = Event()
    stop.set()
    at.storage.evidence.run(stop)


def test_every_change_is_in_the_audit_with_its_actor_and_without_the_key(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        text = at.enrol().text
        at.ask(RotateKeyAsked(ONE, "bert"))
        at.ask(RevokeDeviceAsked(ONE, "carl"))
        notes = [event for event in at.posted if isinstance(event, SecurityEvent)]
    assert [note.actor for note in notes] == ["anna", "bert", "carl"]
    assert {note.subject for note in notes} == {"device:boiler-1"}
    assert not any(text.split(":")[3] in note.text for note in notes)


# --- damaged and missing secrets -----------------------------------------------------------------


def test_without_the_master_key_the_ids_stay_enrolled_and_nothing_is_valid(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        at.enrol()
    (tmp_path / "secrets.bin").unlink()
    with office(tmp_path) as at:
        assert at.valid() == []
        assert ONE in at.ring.enrolled
        assert any("Restore secrets.bin" in e.text for e in at.posted)  # type: ignore[attr-defined]
        assert "missing" in _refusal(at.ask(EnrolDeviceAsked(_TWO, "anna")))
        assert isinstance(at.revoke(), DeviceRevoked)
        assert isinstance(at.ask(EnrolDeviceAsked(_TWO, "anna")), DeviceEnrolled)


def test_keys_open_by_themselves_once_the_master_key_is_back(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        kid = at.enrol().kid
    master = FileSecrets(tmp_path).read(MASTER)
    FileSecrets(tmp_path).remove(MASTER)
    with office(tmp_path) as at:
        assert at.valid() == []
        FileSecrets(tmp_path).write(MASTER, str(master))
        at.clock.advance(30.0)
        at.service.step()
        assert at.valid() == [kid]


def test_one_damaged_row_costs_only_its_own_device(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        at.enrol()
        kid = at.enrol(_TWO).kid
        row = next(r for r in load_keys(tmp_path / EVIDENCE_FILE) if r.device == ONE)
        done = Event()
        at.service._store.save([replace(row, sealed=b"junk")], (), lambda _: done.set())
        assert done.wait(5.0)
    with office(tmp_path) as at:
        assert at.valid(ONE) == []
        assert at.valid(_TWO) == [kid]
        assert ONE in at.ring.enrolled
        assert [e.subject for e in at.posted] == ["device:boiler-1"]  # type: ignore[attr-defined]


# --- keys from elsewhere -------------------------------------------------------------------------


def test_imported_keys_are_in_force(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        answer = at.ask(ImportKeysAsked((_TEXT,), "anna"))
        assert answer == KeysImported((_TWO,), "anna")
        key = at.ring.valid(_TWO, "made1", at.clock.now().utc)
    assert key is not None
    assert key.secret == bytes(range(32))


def test_nothing_is_imported_when_one_key_is_refused(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        at.enrol()
        other = enrolment_text.write("boiler-1", "made2", bytes(range(1, 33)))
        text = _refusal(at.ask(ImportKeysAsked((_TEXT, other), "anna")))
        assert "boiler-1 is enrolled already" in text
        assert _TWO not in at.ring.enrolled


def test_a_revoked_key_cannot_be_imported_again(tmp_path: Path) -> None:
    with office(tmp_path) as at:
        at.ask(ImportKeysAsked((_TEXT,), "anna"))
        at.revoke(_TWO)
        assert "used before" in _refusal(at.ask(ImportKeysAsked((_TEXT,), "anna")))
        assert at.valid(_TWO) == []


def test_too_many_waiting_requests_are_refused_and_not_lost(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    at = Office(storage, FakeClock())
    for _ in range(101):
        at.service.ask(RotateKeyAsked(ONE, "anna"))
    assert "Too many" in _refusal(at.published[0])
    at.service.step()
    assert len(at.published) == 101
