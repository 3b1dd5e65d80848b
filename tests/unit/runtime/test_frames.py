"""Pictures in shared memory."""

import os
import subprocess
import sys
import textwrap
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
import pytest
from pool_children import mean_of_pictures

from embereye.runtime.frames import FrameBlock, FrameReader, SlotPicture, remove_leftovers
from embereye.runtime.process import Child

_TESTS = str(Path(__file__).resolve().parents[2])


def _picture(level: int = 7, height: int = 24, width: int = 32) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def test_a_picture_comes_out_as_it_went_in():
    block = FrameBlock(slots=3, capacity=10_000)
    picture = np.random.default_rng(1).integers(0, 255, (24, 32, 3)).astype(np.uint8)

    where = block.put(2, picture)

    assert np.array_equal(block.take(where), picture)
    block.close()


def test_slots_do_not_overlap():
    block = FrameBlock(slots=2, capacity=24 * 32 * 3)
    first, second = block.put(0, _picture(1)), block.put(1, _picture(2))

    assert block.take(first).max() == 1
    assert block.take(second).min() == 2
    block.close()


def test_a_picture_too_large_for_its_slot_is_refused():
    block = FrameBlock(slots=1, capacity=100)
    with pytest.raises(ValueError, match="do not fit"):
        block.put(0, _picture())
    block.close()


@pytest.mark.parametrize("slot", [-1, 1])
def test_a_slot_that_does_not_exist_is_refused(slot: int):
    block = FrameBlock(slots=1, capacity=10_000)
    with pytest.raises(ValueError, match="slot"):
        block.put(slot, _picture())
    block.close()


def test_a_taken_picture_survives_the_block():
    block = FrameBlock(slots=1, capacity=10_000)
    copy = block.take(block.put(0, _picture(9)))
    block.close()

    assert copy.mean() == 9


def test_a_closed_block_refuses_instead_of_crashing():
    block = FrameBlock(slots=1, capacity=10_000)
    where = block.put(0, _picture())
    block.close()
    block.close()

    with pytest.raises(ValueError, match="closed"):
        block.take(where)
    with pytest.raises(ValueError, match="closed"):
        block.put(0, _picture())


def test_a_closed_block_is_gone_from_the_machine():
    block = FrameBlock(slots=1, capacity=10_000)
    name = block.name
    block.close()

    with pytest.raises(FileNotFoundError):
        SharedMemory(name)


@pytest.mark.parametrize(("offset", "shape"), [(-1, (1, 1, 3)), (9_999, (1, 1, 3)), (0, (0, 1, 3))])
def test_places_outside_the_block_are_refused(offset: int, shape: tuple[int, int, int]):
    block = FrameBlock(slots=1, capacity=1)
    with pytest.raises(ValueError, match="outside"):
        block.take(SlotPicture(block.name, offset, shape))
    block.close()


def test_a_reader_says_when_the_block_is_gone():
    block = FrameBlock(slots=1, capacity=10_000)
    where = block.put(0, _picture())
    block.close()

    with pytest.raises(ValueError, match="gone"):
        FrameReader().take(where)


def test_a_child_follows_its_owner_from_block_to_block():
    child = Child("reader", mean_of_pictures)
    means = []
    for level, capacity in ((3, 5_000), (4, 50_000)):
        block = FrameBlock(slots=1, capacity=capacity)
        child.send(block.put(0, _picture(level)))
        means.append(child.receive(timeout=20))
        block.close()
    child.close()

    assert means == [3.0, 4.0]


def test_a_process_that_forgets_to_close_leaves_no_memory_and_no_complaint(tmp_path):
    script = tmp_path / "careless.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path.insert(0, {str(_TESTS)!r})
            import numpy as np
            from embereye.runtime.frames import FrameBlock
            from embereye.runtime.process import Child
            from pool_children import mean_of_pictures
            if __name__ == "__main__":
                block = FrameBlock(1, 10_000)
                child = Child("reader", mean_of_pictures)
                child.send(block.put(0, np.full((24, 32, 3), 5, np.uint8)))
                assert child.receive(20) == 5.0
                child.kill()
                print(block.name)
            """
        )
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)

    assert done.stderr == ""
    with pytest.raises(FileNotFoundError):
        SharedMemory(done.stdout.strip())


def test_memory_of_a_killed_process_is_removed_and_no_other(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    names = [f"embereye-{child.pid}-aa", f"embereye-{os.getpid()}-bb", "other-1-cc", "embereye-x-d"]
    for name in names:
        (tmp_path / name).touch()
    assert remove_leftovers(tmp_path) == names[:1]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names[1:])
