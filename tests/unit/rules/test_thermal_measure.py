"""All regions measured at once are what each would be alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.reading import Profile, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.thermal_background import Usual
from embereye.rules.thermal_emissivity import ASSUMED_OPTICS, recomputed
from embereye.rules.thermal_measure import RegionMeter
from embereye.rules.thermal_region import Region, cells_of

POINT = st.tuples(st.floats(0, 32), st.floats(0, 24))
REGION = st.builds(
    Region,
    id=st.just("r"),
    name=st.just("R"),
    shape=st.sampled_from(["point", "line", "polygon", "frame"]),
    points=st.lists(POINT, min_size=3, max_size=8).map(tuple),
    emissivity=st.none() | st.floats(0.3, 1.0),
    reflected=st.none() | st.floats(-20, 60),
)


def filled(value):
    return np.array([np.nan if value is None else value], np.float32)


@given(
    st.lists(REGION, min_size=1, max_size=8),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.1, 0.9, 1.0]),
)
@settings(deadline=None)
def test_regions_together_are_as_each_alone(regions, seed, dead):
    noise = np.random.default_rng(seed)
    cells = noise.uniform(20, 120, 768).astype(np.float32)
    cells[noise.random(768) < dead] = np.nan
    picture = cells.reshape(24, 32)
    usual = Usual(np.full(768, 30, np.float32), np.full(768, 5, np.float32))
    frame = ThermalFrame("d", Stamp(0.0, 0.0), Profile.CENTI27, picture, picture)

    found = RegionMeter(regions).measure(frame, usual)

    for index, region in enumerate(regions):
        chosen = np.flatnonzero(cells_of(region.shape, region.points))
        chosen = chosen[~np.isnan(cells[chosen])]
        own = cells[chosen]
        if region.emissivity is not None or region.reflected is not None:
            emissivity = filled(region.emissivity or ASSUMED_OPTICS.emissivity)
            own = recomputed(own, ASSUMED_OPTICS, emissivity, filled(region.reflected))
        usable = own[~np.isnan(own)]
        assert found.usable[index] == len(usable)
        if not len(usable):
            assert np.isnan(found.highest[index])
            assert found.hottest[index] == -1
            continue
        assert np.isclose(found.highest[index], usable.max(), atol=1e-3)
        assert np.isclose(found.lowest[index], usable.min(), atol=1e-3)
        assert np.isclose(found.mean[index], usable.mean(), atol=1e-2)
        assert found.hottest[index] in chosen
        above = cells[chosen] - 30
        assert np.isclose(found.unusual[index], np.where(above > 5, above, 0).max(), atol=1e-3)
        assert found.expected[index] == 30
