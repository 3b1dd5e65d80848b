"""A thermal picture as a radiometric file that other programs read."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from embereye import __version__
from embereye.model.reading import ThermalFrame
from embereye.model.thermal import RegionReading

FORM = 1  # version of the metadata


def facts(frame: ThermalFrame, name: str, regions: Sequence[RegionReading]) -> dict[str, Any]:
    """What belongs to the picture, as plain values: °C, volts, seconds UTC."""
    moment = datetime.fromtimestamp(frame.at.utc, UTC)
    optics = frame.optics
    return {
        "form": FORM,
        "program": f"EmberEye {__version__}",
        "device": str(frame.device),
        "name": name,
        "utc": moment.isoformat(timespec="milliseconds"),
        "profile": frame.profile.value,
        "unit": "°C" if frame.celsius is not None else "relative",
        "emissivity": None if optics is None else optics.emissivity,
        "reflected_celsius": None if optics is None else _number(optics.reflected),
        "max": _number(frame.max_celsius),
        "min": _number(frame.min_celsius),
        "mean": _number(frame.mean_celsius),
        "hottest_row_column": list(frame.hottest),
        "vdd_volt": _number(frame.vdd_volt),
        "ta_celsius": _number(frame.ta_celsius),
        "regions": [
            {
                "id": r.id,
                "name": r.name,
                "max": _number(r.max),
                "min": _number(r.min),
                "mean": _number(r.mean),
                "state": r.state.value,
            }
            for r in regions
        ],
    }


def as_csv(frame: ThermalFrame, name: str, regions: Sequence[RegionReading] = ()) -> bytes:
    """24 lines of 32 values, after comment lines with the facts; UTF-8 with a byte order mark.

    Defective cells are empty. No line begins with what a spreadsheet would run as a formula.
    """
    text = io.StringIO()
    for key, value in facts(frame, name, regions).items():
        # JSON keeps a line break inside a name from beginning a line of its own.
        text.write(f"# {key}: {json.dumps(value, ensure_ascii=False)}\r\n")
    values = frame.celsius if frame.celsius is not None else frame.relative
    writer = csv.writer(text)
    for row in values.tolist():
        writer.writerow(["" if value != value else f"{value:.2f}" for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_npz(frame: ThermalFrame, name: str, regions: Sequence[RegionReading] = ()) -> bytes:
    """A NumPy archive: `celsius` or `relative` (24, 32) float32, `words` as received, `facts`.

    `facts` is JSON text; nothing in it needs pickle to be read.
    """
    file = io.BytesIO()
    arrays: dict[str, Any] = {
        "relative": frame.relative,
        "words": np.frombuffer(frame.words, ">u2").astype(np.uint16),
        "facts": np.array(json.dumps(facts(frame, name, regions), ensure_ascii=False)),
    }
    if frame.celsius is not None:
        arrays["celsius"] = frame.celsius
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _number(value: float | None) -> float | None:
    return None if value is None or value != value else round(float(value), 3)
