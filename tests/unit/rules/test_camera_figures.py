"""Rates of a camera follow from its counters, whatever those do."""

from dataclasses import replace

import pytest
from consoles import camera
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.camera import CameraState, CaptureCounters, PictureSigns
from embereye.model.camera_figures import CameraFigures
from embereye.rules.camera_figures import FigureMeter

_LIVE = CameraState.LIVE


class _Watched:
    """A camera whose counters a test moves on."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.counters = CaptureCounters()
        self.meter = FigureMeter(self.clock.now())

    def after(self, seconds: float, late: float = 0.0, **added: float) -> None:
        """Count on; the newest picture came `late` s before the end of `seconds`."""
        at = self.clock.advance(seconds)
        grown = {name: getattr(self.counters, name) + more for name, more in added.items()}
        frame = replace(at, mono=at.mono - late) if added.get("decoded") else None
        self.counters = replace(
            self.counters, last_frame=frame or self.counters.last_frame, **grown
        )

    def read(self, state: CameraState = _LIVE) -> CameraFigures:
        status = camera("gate", self.clock, state, counters=self.counters)
        return self.meter.read(status, self.clock.now())


@pytest.fixture
def watched() -> _Watched:
    made = _Watched()
    made.read()
    return made


def test_rates_are_what_came_over_the_time_it_took(watched: _Watched) -> None:
    watched.after(
        2.0, delivered=30, decoded=40, due=34, congested=3, received=250_000, cpu=0.1, reconnects=1
    )
    found = watched.read()
    assert found.rate == pytest.approx(15.0)
    assert found.kbps == pytest.approx(1000.0)
    assert found.decode_ms == pytest.approx(2.5)
    assert found.core == pytest.approx(5.0)
    assert found.missed == pytest.approx(2.0)
    assert found.congested == pytest.approx(1.5)
    assert found.reconnects == 1


def test_what_was_never_counted_is_not_known(watched: _Watched) -> None:
    watched.after(2.0, delivered=30, decoded=30, due=30)
    found = watched.read()
    assert (found.kbps, found.decode_ms, found.core) == (None, None, None)
    assert found.missed == 0.0


def test_the_first_look_tells_no_rate_but_counts(watched: _Watched) -> None:
    watched = _Watched()
    watched.after(2.0, delivered=30, decoded=30, received=5000)
    assert watched.read().rate is None
    assert watched.meter.totals.delivered == 30
    assert watched.meter.totals.received == 5000


def test_a_snapshot_that_is_old_makes_no_wrong_rate(watched: _Watched) -> None:
    """The register renews its snapshot each second: the counters are as old as their picture."""
    watched.after(2.0, late=0.9, delivered=16, decoded=16)
    watched.read()
    watched.after(2.0, late=0.1, delivered=42, decoded=42)
    assert watched.read().rate == pytest.approx(15.0)


def test_a_camera_that_stopped_falls_to_zero(watched: _Watched) -> None:
    watched.after(2.0, delivered=30, decoded=30)
    watched.read()
    watched.after(2.0)
    watched.after(2.0)
    found = watched.read(CameraState.NO_SIGNAL)
    assert (found.rate, found.decode_ms, found.lag) == (0.0, None, None)


def test_another_worker_counts_from_zero(watched: _Watched) -> None:
    watched.after(2.0, delivered=3000, decoded=3000, received=900_000, cpu=4.0)
    watched.read()
    watched.counters = CaptureCounters()
    watched.after(2.0, delivered=20, decoded=20, received=1_000_000, cpu=0.2)
    found = watched.read()
    assert found.rate == pytest.approx(10.0)
    assert found.kbps == pytest.approx(4000.0)
    assert watched.meter.totals.delivered == 3020


def test_one_picture_early_makes_up_for_one_late(watched: _Watched) -> None:
    found = []
    for due, delivered in ((30, 31), (31, 30), (30, 30), (40, 30)):
        watched.after(2.0, due=due, delivered=delivered, decoded=delivered)
        found.append(watched.read().missed)
    assert found == [0.0, 0.0, 0.0, 5.0]


def test_pictures_early_hide_no_later_loss(watched: _Watched) -> None:
    for _ in range(50):
        watched.after(2.0, due=20, delivered=30, decoded=30)
        watched.read()
    watched.after(2.0, due=30, delivered=25, decoded=25)
    assert watched.read().missed == 2.0  # 5 pictures less one


def test_the_delay_is_known_only_of_a_live_camera_that_is_watched(watched: _Watched) -> None:
    watched.after(2.0, delivered=1, decoded=1)
    assert watched.read().lag is None
    watched.counters = replace(watched.counters, picture=PictureSigns(at=1.0, lag=0.4))
    watched.after(2.0, delivered=1, decoded=1)
    assert watched.read().lag == 0.4
    assert watched.read(CameraState.STALE).lag is None


def test_a_camera_that_is_switched_off_tells_nothing(watched: _Watched) -> None:
    watched.after(2.0, delivered=30, decoded=30)
    found = watched.read(CameraState.DISABLED)
    assert found == CameraFigures(watched.clock.now())


_COUNTS = st.fixed_dictionaries(
    {
        name: st.integers(0, 10_000)
        for name in ("due", "delivered", "decoded", "congested", "received", "reconnects")
    },
    optional={"cpu": st.floats(0, 1000)},
)


@settings(deadline=None)
@given(st.lists(st.tuples(_COUNTS, st.floats(0, 5), st.floats(-5, 5)), max_size=12))
def test_no_figure_is_ever_below_zero(looks: list[tuple[dict[str, float], float, float]]) -> None:
    watched = _Watched()
    for counts, seconds, late in looks:
        at = watched.clock.advance(seconds)
        frame = replace(at, mono=at.mono - late)
        watched.counters = CaptureCounters(last_frame=frame, **counts)  # type: ignore[arg-type]
        found = watched.read()
        told = (found.rate, found.kbps, found.decode_ms, found.core, found.missed, found.congested)
        assert all(value is None or 0 <= value < 1e12 for value in told)
