"""Bodies of child processes for the tests; spawn needs them in a module of their own."""

import os
import time
from multiprocessing.connection import Connection

import psutil

from embereye.model.detection import FIRE, Detection
from embereye.runtime.frames import FrameReader
from embereye.runtime.process import give_way
from embereye.vision.detector import Verdict
from embereye.vision.looks import Looks
from embereye.vision.pool_child import Begun, Look, PoolOptions, Ready, Seen


def echo(pipe: Connection) -> None:
    """Sends back what it gets."""
    while True:
        pipe.send(pipe.recv())


def hang(pipe: Connection) -> None:
    """Never answers and ignores the end of the pipe."""
    pipe.send("hanging")
    while True:
        time.sleep(60)


def mean_of_pictures(pipe: Connection) -> None:
    """Answers each picture in shared memory with its mean value."""
    reader = FrameReader()
    try:
        while True:
            pipe.send(float(reader.take(pipe.recv()).mean()))
    finally:
        reader.close()


def moody(pipe: Connection, options: PoolOptions, looks: Looks) -> None:
    """A detector child that hangs on black pictures and dies on white ones.

    Other pictures give a fire score of mean ÷ 255.
    """
    reader = FrameReader()
    pipe.send(Ready("moody"))
    while True:
        look = pipe.recv()
        if not isinstance(look, Look):
            continue
        level = float(reader.take(look.picture).mean())
        if level == 0:
            time.sleep(60)
        if level == 255:
            os._exit(9)
        pipe.send(Seen(look.job, Verdict(fire=level / 255), f"moody {os.getpid()}", 0.001))


def leaking(pipe: Connection, options: PoolOptions, *_: object) -> None:
    """A detector child that keeps 16 MiB of each picture and tells its process number.

    On a white picture it takes 16 MiB each 20 ms without an end.
    """
    reader, kept = FrameReader(), []
    pipe.send(Ready("leaking"))
    while True:
        look = pipe.recv()
        if not isinstance(look, Look):
            continue
        endless = float(reader.take(look.picture).mean()) == 255
        kept.append(b"\1" * (16 << 20))
        while endless:
            time.sleep(0.02)
            kept.append(b"\1" * (16 << 20))
        pipe.send(Seen(look.job, Verdict(), f"leaking {os.getpid()}", 0.001))


def never_ready(pipe: Connection, options: PoolOptions, looks: Looks) -> None:
    """A detector child whose model never finishes loading."""
    time.sleep(60)


def trapped(pipe: Connection, options: PoolOptions, looks: Looks) -> None:
    """A detector child that never finishes loading a model, and works without one."""
    for model in looks.models():
        pipe.send(Begun(model, loading=True))
        time.sleep(60)
    moody(pipe, options, looks)


def telling(pipe: Connection, options: PoolOptions, looks: Looks) -> None:
    """A detector child whose only box is the closeup, its confidence the closeup's mean ÷ 255.

    The score of smoke is the verification time of flames ÷ 100.
    """
    reader = FrameReader()
    pipe.send(Ready("telling"))
    while True:
        look = pipe.recv()
        if not isinstance(look, Look) or look.near is None:
            continue
        level, near = float(reader.take(look.picture).mean()) / 255, look.near
        confidence = float(reader.take(near.picture).mean()) / 255
        box = Detection(FIRE, confidence, near.x, near.y, near.width, near.height)
        smoke = look.verification.flame / 100
        verdict = Verdict((box,), fire=level, smoke=smoke, suspicion=confidence / 2)
        pipe.send(Seen(look.job, verdict, "telling", 0.001))


def tell_priority(pipe: Connection) -> None:
    """Tells its own priority before and after it gave way."""
    before = psutil.Process().nice()
    give_way()
    pipe.send((before, psutil.Process().nice()))
    pipe.recv()
