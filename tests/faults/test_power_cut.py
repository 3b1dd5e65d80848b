"""R2: a power cut loses no committed alarm and no shelving.

An ext4 in a file is shut down in the middle of writing, which drops everything that was not
flushed, exactly as when the power fails.
"""

import os
import random
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from storage_parts import opened

from embereye.model.errors import StorageError
from embereye.storage.backup import check_database
from embereye.storage.database import EVIDENCE_FILE

fcntl = pytest.importorskip("fcntl")

pytestmark = pytest.mark.slow

_CHILD = Path(__file__).resolve().parents[1] / "servers" / "alarm_writer.py"
_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN; source: linux, fs/ext4/ext4.h
_NO_LOG_FLUSH = struct.pack("I", 2)
_CUTS = int(os.environ.get("EMBEREYE_TEST_CUTS", "20"))  # the promise is checked with 100


class Disk:
    """An ext4 of 512 MiB in a (sparse) file; 100 cuts write about 60 MiB."""

    def __init__(self, folder: Path) -> None:
        self.image, self.point = folder / "image", folder / "mount"
        self.point.mkdir()
        self.image.write_bytes(b"")
        os.truncate(self.image, 512 * 2**20)
        subprocess.run(["mkfs.ext4", "-q", str(self.image)], check=True, capture_output=True)
        self.mount()

    def mount(self) -> None:
        command = ["mount", "-o", "loop", str(self.image), str(self.point)]
        subprocess.run(command, check=True, capture_output=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.point)], check=True, capture_output=True)

    def cut(self) -> None:
        descriptor = os.open(self.point, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, _NO_LOG_FLUSH)
        finally:
            os.close(descriptor)


@pytest.fixture
def disk(tmp_path):
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root to mount a disk and cut its power")
    try:
        made = Disk(tmp_path)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine does not let root mount a file")
    yield made
    made.unmount()


def cut_once(disk: Disk, seconds: float, *variant: str) -> set[int]:
    """Write until the power fails; the alarms announced as committed."""
    command = [sys.executable, str(_CHILD), str(disk.point / "data"), *variant]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    announced = [child.stdout.readline()]
    time.sleep(seconds)
    at = time.monotonic()
    disk.cut()
    child.kill()
    announced += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    disk.unmount()
    disk.mount()
    # A flush that is under way during the cut may return success without being kept (seen in 2 of
    # 60 cuts, always the one commit under way). A real cut lets nobody say anything after it.
    words = [line.split() for line in announced if line.endswith("\n")]
    return {int(number) for number, told in words if float(told) < at}


def open_numbers(disk: Disk) -> set[int]:
    """Alarms that are there with the shelving that was committed before them."""
    store = opened(disk.point / "data").alarms
    return {one.id for one in store.load_open()} & {one.number for one in store.load_overlays()}


@pytest.mark.timeout(600)
def test_a_power_cut_loses_no_committed_alarm(disk):
    chance = random.Random(2)
    announced: set[int] = set()
    for _ in range(_CUTS):
        new = cut_once(disk, chance.uniform(0.0, 0.4))
        assert new, "the child could not start"
        announced |= new
        assert announced <= open_numbers(disk)
        assert check_database(disk.point / "data" / EVIDENCE_FILE) == []


@pytest.mark.timeout(600)
def test_synchronous_normal_is_caught(disk):
    # The negative control: without FULL, announced alarms are gone after a cut.
    for _ in range(10):
        announced = cut_once(disk, 0.3, "normal")
        try:
            if not announced <= open_numbers(disk):
                return
        except StorageError:  # the file itself may be gone: lost as well
            return
    pytest.fail("ten cuts lost nothing: the test proves nothing")
