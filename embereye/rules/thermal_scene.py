"""What counts of a device's thermal picture: without masked cells, failed ones repaired."""

from dataclasses import replace

import numpy as np

from embereye.model.reading import COLUMNS, ROWS, ThermalFrame
from embereye.rules.thermal_defects import DefectWatch
from embereye.rules.thermal_facts import facts_of
from embereye.rules.thermal_region import Points, masked_cells


class ThermalScene:
    """Turns pictures as measured into pictures that count.

    Args:
        masks: Polygons that count for nothing.
        defects: What knows the failed cells; it learns from each picture.
    """

    def __init__(self, masks: tuple[Points, ...], defects: DefectWatch) -> None:
        flags = masked_cells(masks)
        self._masked = None if flags is None else flags.reshape(ROWS, COLUMNS)
        self.defects = defects

    @property
    def counts(self) -> bool:
        """Whether anything is left to look at."""
        return self._masked is None or not bool(self._masked.all())

    def take(self, frame: ThermalFrame) -> ThermalFrame:
        """The picture that counts: the same one when nothing is masked or failed.

        Else its facts are computed anew, masked cells are NaN, and a picture without any cell
        left has no temperatures.
        """
        measured = frame.celsius
        if measured is None or frame.max_celsius is None:
            return frame
        self.defects.take(frame.at.mono, measured)
        if self._masked is None and not self.defects.defects:
            return frame
        cells = self.defects.repair(measured)
        if self._masked is not None:
            cells = np.where(self._masked, np.float32(np.nan), cells)
        facts = facts_of(cells[None])
        if not facts.usable[0]:
            return replace(frame, celsius=None, max_celsius=None)
        cells.setflags(write=False)
        return replace(
            frame,
            celsius=cells,
            max_celsius=float(facts.highest[0]),
            min_celsius=float(facts.lowest[0]),
            mean_celsius=float(facts.mean[0]),
            hottest=(int(facts.row[0]), int(facts.column[0])),
            agreeing=int(facts.agreeing[0]),
        )
