"""The list of devices as a table that spreadsheets read and write."""

import csv
import io
from collections.abc import Iterable, Mapping

from embereye.config.schema import Device
from embereye.model.errors import ConfigError

_MOST = 4 * 2**20  # bytes; 2,000 devices take 400 KiB
_ROWS = 2000  # devices in the settings (config.schema)
_PLAIN = (
    "id", "name", "place", "camera", "location", "address", "enabled", "profile", "emissivity",
    "reflected", "mode", "poll", "terminator", "period",
)  # fmt: skip
_LIMITS = (
    "thermal_fire", "thermal_high", "thermal_delay", "dead_band", "rise_rate", "rise_span",
    "flame_margin", "smoke_margin", "gas_channel", "gas", "gas_limit",
)  # fmt: skip
COLUMNS = (*_PLAIN, *(f"limits.{name}" for name in _LIMITS))
_NUMBERS = frozenset({"emissivity", "reflected", "poll", "period"})
# A spreadsheet runs texts that begin like this; they are written after an apostrophe.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOOLS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def write(devices: Iterable[Device]) -> bytes:
    """All devices, one line each; UTF-8 with a byte order mark, so that Excel reads it.

    Regions, masks and alignment are not part of the table.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for device in devices:
        limits = [getattr(device.limits, name) for name in _LIMITS]
        plain = [getattr(device, name) for name in _PLAIN]
        writer.writerow([_cell(value) for value in (*plain, *limits)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def read(content: bytes) -> tuple[Mapping[str, object], ...]:
    """The rows of a table, as `ImportDevicesAsked` takes them. Empty cells say nothing.

    Any order and choice of columns, comma or semicolon.

    Raises:
        ConfigError: With one text per problem.
    """
    if len(content) > _MOST:
        raise ConfigError(f"The file is larger than {_MOST // 2**20} MiB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("The file is no UTF-8 text: save it as CSV UTF-8.") from None
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        lines = [row for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ConfigError(f"The file is no table: {error}.") from None
    if not lines:
        raise ConfigError("The file is empty.")
    if len(lines) - 1 > _ROWS:
        raise ConfigError(f"The file has more than {_ROWS} devices.")
    return _rows([cell.strip() for cell in lines[0]], lines[1:])


def _rows(head: list[str], lines: list[list[str]]) -> tuple[Mapping[str, object], ...]:
    problems = [f"there is no column {name}" for name in head if name not in COLUMNS]
    problems += [f"the column {name} is there twice" for name in set(head) if head.count(name) > 1]
    if "id" not in head:
        problems.append("the column id is missing")
    if problems:
        raise ConfigError("The table cannot be imported.", tuple(sorted(problems)))
    found = []
    for number, line in enumerate(lines, 1):
        if len(line) != len(head):
            problems.append(f"row {number}: {len(line)} cells instead of {len(head)}")
            continue
        found.append(_values(dict(zip(head, line, strict=True))))
    if problems:
        raise ConfigError("The table cannot be imported.", tuple(problems))
    return tuple(found)


def _values(cells: Mapping[str, str]) -> Mapping[str, object]:
    values: dict[str, object] = {}
    limits: dict[str, object] = {}
    for name, cell in cells.items():
        text = cell.strip().removeprefix("'")
        if not text:
            continue
        value: object = _BOOLS.get(text.casefold(), text) if name == "enabled" else text
        if name.startswith("limits."):
            limits[name.removeprefix("limits.")] = _number(text)
        else:
            values[name] = _number(text) if name in _NUMBERS else value
    return values | ({"limits": limits} if limits else {})


def _number(text: str) -> str:
    """A decimal comma becomes a point; anything else is left for the schema to refuse."""
    return text.replace(",", ".") if text.replace(",", "").replace("-", "").isdigit() else text


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    risky = isinstance(value, str) and text.startswith(_FORMULA)
    return f"'{text}" if risky else text
