"""`sensors simulate --auth` enrols its devices in the data folder and keeps their keys."""

from pathlib import Path

import pytest

from embereye.config.secrets import FileSecrets
from embereye.model.errors import EnrolmentRefused
from embereye.runtime.clock import SystemClock
from embereye.services import enrolment_access
from embereye.services.simulated_keys import SimulatedKeys, enrol_simulated
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.device_keys import load_keys


def _enrol(folder: Path, *names: str) -> dict[str, object]:
    path = enrol_simulated(folder, FileSecrets(folder), SystemClock(), names)
    assert path.stat().st_mode & 0o777 == 0o600
    return dict(SimulatedKeys(path).keys)


def test_devices_keep_their_keys_and_new_ones_get_theirs(tmp_path: Path) -> None:
    first = _enrol(tmp_path, "sim001")
    assert _enrol(tmp_path, "sim001") == first
    both = _enrol(tmp_path, "sim001", "sim002")
    assert both["sim001"] == first["sim001"]
    stored = {(row.device, row.kid) for row in load_keys(tmp_path / EVIDENCE_FILE)}
    assert stored == {(name, key.kid) for name, key in both.items()}  # type: ignore[attr-defined]


def test_a_device_that_somebody_else_enrolled_is_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    asked = {"do": "enrol", "device": "sim001", "actor": "ada"}
    enrolment_access.ask(tmp_path, FileSecrets(tmp_path), SystemClock(), asked)
    with pytest.raises(EnrolmentRefused):
        _enrol(tmp_path, "sim001")
    assert not (tmp_path / "simulated-devices.keys").exists()
