"""What the thermal rules make of whole scenes: the table of scenarios with its controls.

Each row is a scene as a simulated MLX90640 sends it, noise and lens included, through decoder,
device inputs and fusion. `wrong` is what comes out without the rule that the row is about: a row
whose control gives the same outcome would prove nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from thermal_scenes import FAST, PERIOD, Watching, block, hall, watch

from embereye.model.alarm import Cause, Priority
from embereye.rules.risk_limits import RiskLimits
from embereye.rules.thermal_background import Background
from embereye.rules.thermal_defects import Defect, DefectWatch
from embereye.rules.thermal_region import Analysis, Measure, Region, RegionRule

FIRE, PRE = Priority.EMERGENCY, Priority.HIGH
BIN = (10, 14), (10, 14)
TWIN = (10, 14), (20, 24)


@dataclass(frozen=True)
class Row:
    """One scenario.

    Attributes:
        expected: The worst that is told; None: nothing at all.
        within: Seconds after which that is told at the latest.
        without: The set-up without the rule that matters here, and what it tells.
        ends: How the cause stands at the end.
    """

    name: str
    scene: Callable[[float], np.ndarray]
    seconds: float
    expected: Priority | None
    without: Watching
    wrong: Priority | None
    watching: Watching = Watching()  # noqa: RUF009 - frozen
    within: float = 1e9
    period: float = PERIOD
    ends: Cause | None = None
    wrong_end: Cause | None = None


def box(rows, columns):
    (top, bottom), (left, right) = rows, columns
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def regions(*rules, where=BIN, more=(), **options):
    region = Region("bin", "Bin", "polygon", box(*where), rules=rules, **options)
    return Analysis((region, *more))


def limits(**changes):
    return Watching(RiskLimits(**changes))


def analysed(*rules, **options):
    return Watching(analysis=regions(*rules, **options))


DEFAULT = Watching()
PRE_AT_30 = RegionRule(Measure.MAX, pre_alarm=30.0, on_delay=0.0)
TWIN_REGION = Region("twin", "Twin", "polygon", box(*TWIN))


# --- scenes --------------------------------------------------------------------------------------


def smoulder(highest):
    """A bin that warms by 1.2 °C/min from inside, far below the rate of rise."""
    return lambda t: block(hall(), *BIN, min(22.0 + t * 1.2 / 60, highest))


def exhaust(t):
    """A lorry's exhaust of 180 °C crosses the picture in 12 s."""
    left = -2 + (t - 20) * 3
    return block(hall(), (14, 16), (left, left + 3), 180.0)


def lorry_on_fire(t):
    left = min(-4 + max(0.0, t - 20) * 3, 12)
    return block(hall(), (14, 16), (left, left + 3), 180.0)


def glimpse(t):
    """The same exhaust seen through a gate: 1.5 s."""
    return block(hall(), (14, 16), (10, 13), 180.0) if 5.0 <= t < 6.5 else hall()


def sunny_wall(hottest):
    """The sun comes round a corner: a third of the picture warms within a quarter of an hour."""
    return lambda t: block(
        hall(18.0), (0, 16), (20, 32), 18.0 + (hottest - 18.0) * (1 - np.exp(-t / 400))
    )


def person(t):
    """Someone crosses at two cells a second and back after a minute."""
    left = -4 + 2 * (t % 60)
    clothes = block(hall(), (6, 18), (left, left + 3), 29.0)
    return block(clothes, (4, 6), (left + 0.7, left + 2.2), 33.5)


def person_coming_near(t):
    """Someone walks up to the sensor within half a minute and stands there."""
    size = 1.5 + 5 * min(1.0, t / 30)
    top = 12 - 1.5 * size
    clothes = block(hall(), (top, 12 + 1.5 * size), (16 - size / 2, 16 + size / 2), 29.0)
    return block(clothes, (top - size / 2, top), (16 - size / 4, 16 + size / 4), 33.5)


def calm(t):
    return hall()


def failing(t, cells):
    """A cell that drifts off, and fails altogether after a quarter of an hour."""
    cells = cells.copy()
    cells[12, 12] = 48.0 if t < 900 else 150.0
    return cells


def cable_end(t, cells):
    """Seen as one cell, with nothing beside it: warm for a quarter of an hour, then glowing."""
    cells = cells.copy()
    cells[12, 12] = 55.0 if t < 900 else 100.0
    return cells


def three_failed_cells(t, cells):
    cells = cells.copy()
    cells[12, 12] = cells[12, 13] = cells[13, 12] = 150.0
    return cells


def failing_at_once(t, cells):
    cells = cells.copy()
    cells[12, 12] = 150.0 if t >= 100 else cells[12, 12]
    return cells


def small_spot(t):
    """A source of 500 °C, a quarter of a cell large."""
    return block(hall(), (12.2, 12.7), (12.2, 12.7), 500.0) if t >= 40 else hall()


def bulb_on_a_cold_beam(t):
    scene = hall()
    scene[:, 12] -= 8.0
    return block(scene, (12.2, 12.8), (12.2, 12.8), 350.0)


def fire_in_the_corner(t):
    return block(hall(), (22, 24), (30, 32), 300.0) if t >= 40 else hall()


def fire_at_a_failed_cell(t):
    return block(hall(), (11, 14), (11, 14), 300.0) if t >= 1000 else hall()


def shiny(emissivity, true, around=24.0):
    """What a device that assumes 0.95 sees of something else."""
    kelvin4, around4 = (true + 273.15) ** 4, (around + 273.15) ** 4
    seen = (emissivity * kelvin4 + (1 - emissivity) * around4 - 0.05 * around4) / 0.95
    return seen**0.25 - 273.15


def polished_pipe(t):
    return block(hall(), *BIN, shiny(0.2, 130.0))


def pipe_getting_dirty(t):
    """Nothing but its emissivity changes, within ten minutes."""
    return block(hall(), *BIN, shiny(0.2 + 0.6 * min(1.0, t / 600), 52.0))


def rising(highest, start=60.0):
    """15 °C/min."""
    return lambda t: block(hall(), *BIN, min(22.0 + max(0.0, t - start) / 4, highest))


def rising_beside_a_dryer(t):
    return block(rising(50.0)(t), (2, 6), (2, 8), 57.0)


def furnace(t):
    return block(hall(), (2, 8), (2, 10), 320.0)


def fire_beside_a_furnace(t):
    return block(furnace(t), *TWIN, 200.0 if t >= 40 else 22.0)


def warming_hall(t):
    return hall(15.0 + 23.0 * t / 2400)


def freezing(t):
    return block(hall(), *BIN, 12.0 - t / 60)


# --- set-ups -------------------------------------------------------------------------------------


def background(scene, hour=14):
    """What four days of this scene, as it is after ten minutes, leave behind for one hour."""
    learned = Background()
    for day in range(4):
        cells = (scene(600.0 + 60 * day) + day * 0.5).astype(np.float32).reshape(-1)
        for _ in range(61):
            learned.learn(hour, cells, 60.0)
    found = learned.usual(hour + 0.5)
    return lambda seconds: found


class Believing(DefectWatch):
    """Never learns a failed cell."""

    def take(self, now, celsius):
        return False


UNUSUAL = regions(RegionRule(Measure.UNUSUAL, pre_alarm=8.0), where=((0, 24), (0, 32)))
PIPE = RegionRule(Measure.MAX, alarm=100.0, pre_alarm=90.0)
DIFFERENCE = RegionRule(Measure.DIFFERENCE, other="twin", pre_alarm=12.0)
AMBIENT = RegionRule(Measure.AMBIENT, pre_alarm=15.0)
FURNACE_MASK = Analysis(masks=(box((0, 10), (0, 12)),))


def ta_of_hall(t):
    return 15.0 + 23.0 * t / 2400 + 8.0


ROWS = [
    Row("slow smoulder that becomes a fire", smoulder(95.0), 3800, FIRE, limits(thermal_fire=200.0),
        PRE, within=3300),
    Row("slow smoulder, known by its twin", smoulder(48.0), 1800, PRE, DEFAULT, None,
        analysed(DIFFERENCE, more=(TWIN_REGION,)), within=800),
    Row("slow smoulder, unusual at this hour", smoulder(48.0), 1800, PRE,
        Watching(analysis=UNUSUAL), None, Watching(analysis=UNUSUAL, usual=background(calm)),
        within=800),
    Row("slow smoulder in a region", smoulder(48.0), 1800, FIRE, DEFAULT, None,
        analysed(RegionRule(Measure.MEAN, pre_alarm=32.0, alarm=40.0)), within=1400),
    Row("exhaust in a gate, fast device", glimpse, 20, None, limits(thermal_delay=0.0), FIRE,
        period=FAST),
    Row("hot exhaust passing by, slow device", exhaust, 60, None, DEFAULT, FIRE,
        limits(thermal_delay=20.0)),
    Row("hot exhaust passing by, fast device", exhaust, 60, None, DEFAULT, FIRE,
        limits(thermal_delay=20.0), period=FAST),
    Row("lorry on fire where exhausts pass", lorry_on_fire, 80, FIRE,
        limits(thermal_fire=400.0, thermal_high=300.0), PRE, limits(thermal_delay=20.0), within=50),
    Row("sun on a wall", sunny_wall(52.0), 1800, None,
        limits(rise_rate=2.0, rise_span=2.0), PRE),
    Row("sun on a wall as every day", sunny_wall(52.0), 1800, None,
        Watching(analysis=UNUSUAL, usual=background(lambda t: hall(18.0))), PRE,
        Watching(analysis=UNUSUAL, usual=background(sunny_wall(52.0)))),
    Row("sun on a dark sheet, masked", sunny_wall(68.0), 1800, None, DEFAULT, PRE,
        Watching(analysis=Analysis(masks=(box((0, 17), (19, 32)),)))),
    Row("person passing", person, 180, None, analysed(PRE_AT_30, where=((0, 24), (0, 32))), PRE),
    Row("person passing, fast device", person, 120, None,
        analysed(PRE_AT_30, where=((0, 24), (0, 32))), PRE,
        analysed(RegionRule(Measure.MAX, pre_alarm=30.0, on_delay=30.0), where=((0, 24), (0, 32))),
        period=FAST),
    Row("person coming near", person_coming_near, 180, None, DEFAULT, PRE, limits(rise_span=15.0)),
    Row("dead pixel that is known", calm, 1200, None,
        Watching(broken=failing_at_once, defects=Believing), FIRE,
        Watching(broken=failing_at_once, defects=lambda: DefectWatch((Defect(12, 12, 150.0),)))),
    Row("dead pixel that gets worse alarms, then is known", calm, 1800, FIRE,
        Watching(broken=failing, defects=Believing), FIRE, Watching(broken=failing), within=910,
        ends=Cause.CLEAR, wrong_end=Cause.ACTIVE),
    Row("three dead pixels side by side", calm, 1800, FIRE,
        Watching(broken=three_failed_cells, defects=Believing), FIRE,
        Watching(broken=three_failed_cells), ends=Cause.CLEAR, wrong_end=Cause.ACTIVE),
    Row("cable end that was warm begins to glow", calm, 1000, FIRE,
        Watching(broken=cable_end, defects=lambda: DefectWatch((Defect(12, 12),))), None,
        Watching(broken=cable_end), within=910),
    Row("bulb on a cold beam, for long", bulb_on_a_cold_beam, 1500, FIRE,
        limits(thermal_fire=400.0), PRE, within=10, ends=Cause.ACTIVE),
    Row("fire in the corner", fire_in_the_corner, 60, FIRE, limits(thermal_fire=400.0), PRE,
        within=45),
    Row("fire half under a mask", fire_beside_a_furnace, 80, FIRE,
        Watching(analysis=Analysis(masks=(box((0, 24), (0, 26)),))), None,
        Watching(analysis=Analysis(masks=(box((0, 24), (0, 22)),))), within=49),
    Row("dead pixel that is known, in a region", calm, 1200, None,
        Watching(broken=failing, defects=Believing, analysis=regions(PRE_AT_30)), FIRE,
        Watching(broken=failing, defects=lambda: DefectWatch((Defect(12, 12),)),
                 analysis=regions(PRE_AT_30))),
    Row("pixel that dies at once alarms, then is known", calm, 1200, FIRE,
        Watching(broken=failing_at_once, defects=Believing), FIRE,
        Watching(broken=failing_at_once), ends=Cause.CLEAR, wrong_end=Cause.ACTIVE),
    Row("small hot spot, for long", small_spot, 3600, FIRE, limits(thermal_fire=400.0), PRE,
        within=49, ends=Cause.ACTIVE),
    Row("fire where a pixel has failed", fire_at_a_failed_cell, 1100, FIRE,
        limits(thermal_fire=400.0), PRE,
        Watching(defects=lambda: DefectWatch((Defect(12, 12),))), within=1010),
    Row("hot polished pipe", polished_pipe, 60, FIRE, analysed(PIPE), None,
        analysed(PIPE, emissivity=0.2), within=9),
    Row("emissivity that changes", pipe_getting_dirty, 900, None,
        limits(rise_rate=1.0, rise_span=1.0), PRE),
    Row("rate of rise", rising(55.0), 240, PRE, limits(rise_rate=100.0), None, within=120),
    Row("rate of rise, fast device", rising(55.0), 240, PRE, limits(rise_rate=100.0), None,
        within=120, period=FAST),
    Row("rise and 60 °C together are a fire", rising(66.0), 300, FIRE, limits(rise_rate=100.0), PRE,
        within=230),
    Row("rise beside something hotter", rising_beside_a_dryer, 240, PRE, DEFAULT, None,
        analysed(RegionRule(Measure.RISE, pre_alarm=6.0)), within=130),
    Row("masked furnace", furnace, 60, None, DEFAULT, FIRE, Watching(analysis=FURNACE_MASK)),
    Row("fire beside a masked furnace", fire_beside_a_furnace, 80, FIRE,
        Watching(analysis=Analysis(masks=(box((0, 24), (0, 32)),))), None,
        Watching(analysis=FURNACE_MASK), within=45),
    Row("hall that warms with the day", warming_hall, 2400, None, analysed(PRE_AT_30), PRE,
        Watching(analysis=regions(AMBIENT), ta=ta_of_hall)),
    Row("bearing hotter than its hall", smoulder(50.0), 1800, PRE, DEFAULT, None,
        analysed(AMBIENT), within=1300),
    Row("freezing pipe", freezing, 900, FIRE, DEFAULT, None,
        analysed(RegionRule(Measure.MEAN, below=True, pre_alarm=6.0, alarm=2.0)), within=780),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_scenario_has_the_expected_outcome(row):
    course = watch(row.scene, row.seconds, row.watching, row.period)
    assert course.worst is row.expected, course
    if row.expected is not None:
        assert course.first[row.expected] <= row.within, course
    if row.ends is not None:
        assert course.cause is row.ends


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_without_its_rule_the_scenario_comes_out_otherwise(row):
    course = watch(row.scene, row.seconds, row.without, row.period)
    assert course.worst is row.wrong, course
    assert row.wrong is not row.expected or course.cause is row.wrong_end


@pytest.mark.parametrize("seed", range(2, 6))
def test_a_calm_hall_stays_calm(seed):
    whole = Region("all", "Hall", rules=(RegionRule(Measure.SPREAD, pre_alarm=20.0),))
    assert watch(calm, 1800, Watching(analysis=Analysis((whole,))), seed=seed).first == {}
