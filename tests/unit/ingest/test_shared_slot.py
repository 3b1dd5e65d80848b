"""Tiles and frames that cross from a capture process to the console."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embereye.ingest.camera_view import CameraView, Detecting, SlotKind
from embereye.ingest.shared_slot import (
    MirrorSlot,
    SharedSlot,
    SlotPlace,
    unpacked_frame,
    unpacked_tile,
)
from embereye.model.errors import CameraUnsupported
from embereye.model.frame import Closeup, Frame, Tile, ViewDemand
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime import newest

_CAMERA = CameraId("c1")


def _tile(seq: int, width: int = 8, height: int = 6) -> Tile:
    pixels = np.arange(height * width * 4, dtype=np.uint8).reshape(height, width, 4)
    return Tile(_CAMERA, pixels, seq, Stamp(1.5, 2.5), 640, 480)


class _Pair:
    """Both ends, joined as the pipe joins them."""

    def __init__(self) -> None:
        self.places: list[SlotPlace] = []
        self.mirror: MirrorSlot[Tile] = MirrorSlot(unpacked_tile)
        self.writer: SharedSlot[Tile] = SharedSlot(_CAMERA, (8, 6), self._moved)

    def _moved(self, where: SlotPlace) -> None:
        self.places.append(where)
        self.mirror.move(where)

    def close(self) -> None:
        self.mirror.close()
        self.writer.close()


@pytest.fixture
def pair() -> Iterator[_Pair]:
    made = _Pair()
    yield made
    made.close()


def test_a_tile_arrives_as_it_was(pair: _Pair) -> None:
    sent = _tile(3)
    pair.writer.put(sent)
    got = pair.mirror.peek()
    assert got is not None
    assert np.array_equal(got.pixels, sent.pixels)
    assert (got.seq, got.at, got.source_width, got.source_height) == (3, sent.at, 640, 480)
    assert pair.mirror.peek() is got


def test_a_value_is_taken_once_and_superseded_ones_are_counted(pair: _Pair) -> None:
    for seq in range(4):
        pair.writer.put(_tile(seq))
    taken = pair.mirror.take()
    assert taken is not None
    assert taken.seq == 3
    assert pair.mirror.take() is None
    assert (pair.mirror.put_count, pair.mirror.replaced) == (4, 3)


def test_larger_pictures_move_to_larger_memory(pair: _Pair) -> None:
    pair.writer.put(_tile(1))
    pair.writer.put(_tile(2, 64, 64))
    assert len(pair.places) == 2
    got = pair.mirror.peek()
    assert got is not None
    assert got.pixels.shape == (64, 64, 4)


def test_a_cleared_slot_shows_nothing_published_before(pair: _Pair) -> None:
    pair.writer.put(_tile(1))
    pair.mirror.clear()
    assert pair.mirror.peek() is None
    pair.writer.put(_tile(2))
    assert pair.mirror.peek() is not None


def test_a_closed_writer_publishes_nothing_and_the_last_picture_stays(pair: _Pair) -> None:
    pair.writer.put(_tile(1))
    assert pair.mirror.peek() is not None
    pair.writer.close()
    pair.writer.put(_tile(2))
    got = pair.mirror.peek()
    assert got is not None
    assert got.seq == 1


def test_memory_that_is_gone_shows_nothing(pair: _Pair) -> None:
    pair.mirror.move(SlotPlace(_CAMERA, (8, 6), "embereye-0-gone", 4096))
    assert pair.mirror.peek() is None
    assert not pair.mirror.fresh


def test_a_frame_arrives_with_its_closeup() -> None:
    mirror: MirrorSlot[Frame] = MirrorSlot(unpacked_frame)
    writer: SharedSlot[Frame] = SharedSlot(_CAMERA, None, mirror.move)
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    near = Closeup(np.full((2, 2, 3), 9, np.uint8), 10, 20, 30, 40)
    sent = Frame(_CAMERA, pixels, 7, Stamp(1, 2), 3.25, 1920, 1080, near)
    writer.put(sent)
    assert mirror.fresh
    got = mirror.take()
    assert got is not None
    assert got.closeup is not None
    assert np.array_equal(got.pixels, pixels)
    assert np.array_equal(got.closeup.pixels, near.pixels)
    assert (got.closeup.x, got.closeup.y, got.closeup.width, got.closeup.height) == (10, 20, 30, 40)
    assert (got.media, got.seq, got.source_width) == (3.25, 7, 1920)
    writer.put(Frame(_CAMERA, pixels, 8, Stamp(1, 2), 3.5, 1920, 1080))
    got = mirror.take()
    assert got is not None
    assert got.closeup is None
    mirror.close()
    writer.close()


def test_full_memory_is_a_camera_fault_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "_SPARE", 1 << 60)
    writer: SharedSlot[Tile] = SharedSlot(_CAMERA, (8, 6), lambda _w: None)
    with pytest.raises(CameraUnsupported, match="capture"):
        writer.put(_tile(1))


def test_where_the_memory_lies_is_told_again_to_a_reader_that_let_go_of_it(pair: _Pair) -> None:
    pair.writer.put(_tile(1))
    pair.mirror.close()
    pair.mirror = MirrorSlot(unpacked_tile)
    pair.writer.tell_again()
    got = pair.mirror.peek()
    assert got is not None
    assert got.seq == 1


def test_told_again_to_a_reader_that_has_it_nothing_is_taken_twice(pair: _Pair) -> None:
    pair.writer.put(_tile(1))
    assert pair.mirror.take() is not None
    pair.writer.tell_again()
    assert pair.mirror.take() is None


def test_a_closed_writer_tells_nothing_again(pair: _Pair) -> None:
    pair.writer.put(_tile(1))
    pair.writer.close()
    pair.writer.tell_again()
    assert len(pair.places) == 1


def test_a_slot_that_is_made_after_its_view_was_closed_leaves_no_memory() -> None:
    """The main thread ends a camera while its capture thread follows another layout."""
    wishes = {"wall": {_CAMERA: ViewDemand(_CAMERA, ((160, 120),), 25.0)}}
    told: list[SlotPlace] = []
    slots = SlotKind(
        lambda size: SharedSlot[Tile](_CAMERA, size, told.append),
        lambda: SharedSlot[Frame](_CAMERA, None, told.append),
    )
    view = CameraView(_CAMERA, lambda: wishes, Detecting(), slots)
    _deliver(view)
    wishes = {"wall": {_CAMERA: ViewDemand(_CAMERA, ((320, 240),), 25.0)}}
    view.close()
    _deliver(view)
    assert len(told) == 2
    del view
    gc.collect()
    blocks = {file.name for file in Path("/dev/shm").glob(f"embereye-{os.getpid()}-*")}
    assert not blocks & {where.block for where in told}


def _deliver(view: CameraView) -> None:
    for _, slot in view.wanted().tiles:
        slot.put(_tile(1))
