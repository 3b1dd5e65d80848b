"""A saved thermal picture is read by other programs with all that belongs to it."""

import csv
import io
import json

import numpy as np
from consoles import thermal
from fakes import FakeClock

from embereye.model.reading import ThermalFrame
from embereye.services.thermal_snapshot import as_csv, as_npz


def _frame() -> ThermalFrame:
    return thermal("boiler", FakeClock())


def test_csv_holds_the_facts_and_every_cell() -> None:
    frame = _frame()
    text = as_csv(frame, "Boiler").decode("utf-8-sig")
    lines = text.splitlines()
    facts = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    rows = list(csv.reader(io.StringIO("\n".join(x for x in lines if not x.startswith("#")))))
    assert json.loads(facts["name"]) == "Boiler"
    assert json.loads(facts["unit"]) == "°C"
    assert np.allclose(np.array(rows, float), frame.celsius, atol=0.006)


def test_npz_is_read_without_pickle_and_is_exact() -> None:
    frame = _frame()
    with np.load(io.BytesIO(as_npz(frame, "Boiler")), allow_pickle=False) as file:
        facts = json.loads(str(file["facts"]))
        assert np.array_equal(file["celsius"], frame.celsius)
    assert facts["utc"] == "2023-11-14T22:13:20.000+00:00"
    assert facts["vdd_volt"] == 3.3


def test_a_hostile_name_cannot_begin_a_line_of_its_own() -> None:
    lines = as_csv(_frame(), "x\n=HYPERLINK(1)").decode("utf-8-sig").splitlines()
    assert not any(line.startswith("=") for line in lines)


def test_a_defective_cell_is_empty() -> None:
    frame = _frame()
    celsius = frame.celsius.copy()  # type: ignore[union-attr]
    celsius[0, 1] = np.nan
    changed = ThermalFrame(frame.device, frame.at, frame.profile, celsius, celsius)
    row = next(x for x in as_csv(changed, "b").decode("utf-8-sig").splitlines() if x[0] != "#")
    assert row.split(",")[1] == ""
