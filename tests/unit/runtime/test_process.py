"""Child processes that can be killed."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import pytest
from pool_children import echo, hang, tell_priority

from embereye.runtime.process import Child, ChildGone


def test_messages_go_there_and_back():
    child = Child("echo", echo)
    child.send({"a": 1})

    assert child.receive(timeout=20) == {"a": 1}
    child.close()


@pytest.mark.skipif(sys.platform == "win32", reason="priorities are classes there")
def test_a_child_that_gives_way_runs_behind_the_console():
    child = Child("modest", tell_priority)
    before, after = child.receive(timeout=20)
    child.close()
    assert after == min(19, before + 3)


def test_nothing_to_receive_is_none():
    child = Child("echo", echo)
    assert child.receive() is None
    child.close()


def test_a_child_ends_when_its_pipe_does():
    child = Child("echo", echo)
    child.send(1)
    child.receive(timeout=20)
    pid = child.pid

    child.close(deadline=20)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_hanging_child_can_be_killed():
    child = Child("hang", hang)
    assert child.receive(timeout=20) == "hanging"
    pid = child.pid

    child.kill()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_hanging_child_does_not_hold_up_closing():
    child = Child("hang", hang)
    assert child.receive(timeout=20) == "hanging"
    pid = child.pid

    child.close(deadline=0.1)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_child_is_noticed():
    child = Child("echo", echo)
    child.send(1)
    child.receive(timeout=20)

    os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(ChildGone, match="echo is gone"):
        child.receive(timeout=20)
    child.kill()


def test_a_stopped_child_can_be_killed():
    child = Child("echo", echo)
    child.send(1)
    child.receive(timeout=20)
    os.kill(child.pid, signal.SIGSTOP)

    child.kill()

    assert not child_exists(child)


def child_exists(child: Child) -> bool:
    try:
        return child.alive()
    except ValueError:  # released
        return False


def test_neither_child_nor_memory_survives_a_killed_parent(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys, time
            sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
            from embereye.runtime.frames import FrameBlock
            from embereye.runtime.process import Child
            from pool_children import echo
            if __name__ == "__main__":
                block = FrameBlock(1, 1000)
                child = Child("echo", echo)
                child.send(1)
                child.receive(20)
                print(child.pid, block.name, flush=True)
                time.sleep(60)
            """
        )
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, name = parent.stdout.readline().split()
        parent.kill()

    assert _gone(lambda: os.kill(int(pid), 0), ProcessLookupError)
    assert _gone(lambda: SharedMemory(name), FileNotFoundError)


def _gone(look: Callable[[], object], error: type[OSError]) -> bool:
    """Whether `look` raises `error` within 10 s; other processes need a moment to follow."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            look()
        except error:
            return True
        time.sleep(0.02)
    return False


def test_the_memory_of_a_child_is_known_until_it_is_gone():
    child = Child("echo", echo)
    child.send(1)
    child.receive(timeout=20)
    assert 5e6 < child.memory() < 1e9
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildGone):
        child.receive(timeout=20)
    assert child.memory() == 0
    child.kill()
