"""When an uploaded file is complete."""

from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.upload_settle import PATIENCE, Settling, Signature


class _Disk:
    """Files by path; `sizes` is what they have now."""

    def __init__(self, **sizes: int) -> None:
        self.sizes = sizes
        self.modified = 0

    def signature(self, path: str) -> Signature | None:
        size = self.sizes.get(path)
        return None if size is None else Signature(size, self.modified)


def _complete(settling: Settling, disk: _Disk, clock: FakeClock, seconds: float) -> list[str]:
    """What completes within `seconds`, looked at each 0.1 s."""
    found = []
    for _ in range(round(seconds / 0.1)):
        clock.advance(0.1)
        found += [path for path, _ in settling.complete(clock.mono(), disk.signature)]
    return found


def test_a_file_is_complete_after_two_seconds_without_a_change(clock: FakeClock) -> None:
    settling, disk = Settling(), _Disk(a=100)
    settling.noticed("a", clock.mono())
    assert _complete(settling, disk, clock, 2.4) == []
    assert _complete(settling, disk, clock, 0.6) == ["a"]
    assert len(settling) == 0


def test_a_growing_file_is_waited_for(clock: FakeClock) -> None:
    settling, disk = Settling(), _Disk(a=1)
    settling.noticed("a", clock.mono())
    for size in range(2, 6):
        assert _complete(settling, disk, clock, 1.0) == []
        disk.sizes["a"] = size
    assert _complete(settling, disk, clock, 3.0) == ["a"]


def test_a_file_that_never_rests_is_left_until_its_next_notice(clock: FakeClock) -> None:
    settling, disk = Settling(), _Disk(a=1)
    settling.noticed("a", clock.mono())
    for size in range(2, 14):
        assert _complete(settling, disk, clock, 1.0) == []
        disk.sizes["a"] = size
    assert (len(settling), settling.unsettled) == (0, 1)
    settling.noticed("a", clock.mono())
    assert _complete(settling, disk, clock, 3.0) == ["a"]


def test_notices_without_end_do_not_hold_a_file_for_ever(clock: FakeClock) -> None:
    settling, disk = Settling(), _Disk(a=1)
    for _ in range(round(PATIENCE / 0.2) + 1):
        settling.noticed("a", clock.mono())
        assert _complete(settling, disk, clock, 0.2) == []
    assert settling.unsettled == 1


def test_a_file_that_is_renamed_away_is_forgotten(clock: FakeClock) -> None:
    settling, disk = Settling(), _Disk(part=10)
    settling.noticed("part", clock.mono())
    _complete(settling, disk, clock, 1.0)
    disk.sizes = {"done": 10}
    settling.noticed("done", clock.mono())
    assert _complete(settling, disk, clock, 3.0) == ["done"]
    assert settling.unsettled == 0


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.floats(0.05, 3.0)), max_size=40)
)
def test_no_file_completes_while_it_changes(changes: list[tuple[str, int, float]]) -> None:
    clock, settling, disk = FakeClock(), Settling(), _Disk()
    changed: dict[str, float] = {}
    for path, size, pause in changes:
        if disk.sizes.get(path) != size:
            changed[path] = clock.mono()
            disk.modified += 1
        disk.sizes[path] = size
        settling.noticed(path, clock.mono())
        clock.advance(pause)
        for done, _ in settling.complete(clock.mono(), disk.signature):
            assert clock.mono() - changed[done] >= 2.0
