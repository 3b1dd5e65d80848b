"""Child processes that can be killed."""

import os
import signal

import pytest
from pool_children import echo, hang

from embereye.runtime.process import Child, ChildGone


def test_messages_go_there_and_back():
    child = Child("echo", echo)
    child.send({"a": 1})

    assert child.receive(timeout=20) == {"a": 1}
    child.close()


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
