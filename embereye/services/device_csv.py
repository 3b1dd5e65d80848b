"""The list of devices as a table that spreadsheets read and write."""

from collections.abc import Iterable, Mapping

from embereye.config.schema import Device
from embereye.services.csv_table import BOOLS, decimal, read_table, write_table

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


def write(devices: Iterable[Device]) -> bytes:
    """All devices, one line each. Regions, masks and alignment are not part of the table."""
    rows = (
        [
            *(getattr(device, name) for name in _PLAIN),
            *(getattr(device.limits, name) for name in _LIMITS),
        ]
        for device in devices
    )
    return write_table(COLUMNS, rows)


def read(content: bytes) -> tuple[Mapping[str, object], ...]:
    """The rows of a table, as `ImportDevicesAsked` takes them.

    Raises:
        ConfigError: With one text per problem.
    """
    return tuple(_values(cells) for cells in read_table(content, COLUMNS, _ROWS))


def _values(cells: Mapping[str, str]) -> Mapping[str, object]:
    values: dict[str, object] = {}
    limits: dict[str, object] = {}
    for name, text in cells.items():
        if name.startswith("limits."):
            limits[name.removeprefix("limits.")] = decimal(text)
        elif name == "enabled":
            values[name] = BOOLS.get(text.casefold(), text)
        else:
            values[name] = decimal(text) if name in _NUMBERS else text
    return values | ({"limits": limits} if limits else {})
