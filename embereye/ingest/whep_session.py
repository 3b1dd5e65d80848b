"""One WebRTC connection that receives video, by aiortc. Needs the extra "webrtc"."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

import av
from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import (
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)
from aiortc.mediastreams import MediaStreamError

from embereye.model.errors import CameraUnreachable, CameraUnsupported

_CLOSING = 0.4  # s; closing takes milliseconds, the stop of a camera at most 1 s
# aiortc warns of each picture that a lost packet spoiled.
logging.getLogger("aiortc").setLevel(logging.ERROR)

_Result = TypeVar("_Result")
# What aiortc and aioice raise over descriptions that are well-formed lines, but make no sense.
_SENSELESS = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError,
    InternalError, InvalidAccessError, InvalidStateError, OperationError, OSError,
)  # fmt: skip


class WhepSession:
    """A connection that only receives. Lives in one thread; its loop runs inside of calls only.

    aiortc decodes each stream in a thread of its own and knows no leaving out of pictures.

    Attributes:
        arrived: Pictures that came so far; of several that came between two calls of `newest`,
            the last one is handed out.
        received: Bytes of media so far.
    """

    def __init__(self) -> None:
        self.arrived = 0
        self.received = 0
        self._loop = asyncio.new_event_loop()
        self._connection: RTCPeerConnection | None = None
        self._picture: av.VideoFrame | None = None
        self._came = asyncio.Event()
        self._ended = False
        self._pump: asyncio.Task[None] | None = None

    def offer(self, timeout: float) -> str:
        """What this machine can receive, with all its addresses. Asks no STUN or TURN server.

        Raises:
            CameraUnreachable: it took longer than `timeout` s.
        """
        return self._run(self._offer(), timeout)

    def connect(self, answer: str, timeout: float) -> None:
        """Take the checked answer and wait for the connection.

        Raises:
            CameraUnreachable, CameraUnsupported
        """
        try:
            self._run(self._connect(answer), timeout)
        except _SENSELESS as bad:
            wrong = type(bad).__name__
        else:
            return
        raise CameraUnsupported(
            f"The answer of the server cannot be used ({wrong}). Check the settings of its stream."
        )

    def newest(self, timeout: float) -> av.VideoFrame | None:
        """The newest picture, or None when none comes within `timeout` s.

        Raises:
            CameraUnreachable: the connection ended.
        """
        picture = self._run(self._newest(timeout), timeout + 1.0)
        if picture is None and self._ended:
            raise CameraUnreachable("The server ended the stream.")
        return picture

    def close(self) -> None:
        """End the connection; harmless when there is none."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(CameraUnreachable, CameraUnsupported):
            self._run(self._leave(), _CLOSING)
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=_CLOSING))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, _Result], timeout: float) -> _Result:
        try:
            return self._loop.run_until_complete(asyncio.wait_for(work, timeout))
        except TimeoutError:
            raise CameraUnreachable(
                "No video connection comes about. Check that UDP passes between both machines."
            ) from None

    # --- in the loop ---------------------------------------------------------------------------

    async def _offer(self) -> str:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection = connection
        connection.on("connectionstatechange", self._look)
        connection.addTransceiver("video", direction="recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        return str(connection.localDescription.sdp)

    async def _connect(self, answer: str) -> None:
        connection = self._connection
        if connection is None:
            raise InvalidStateError
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        (transceiver,) = connection.getTransceivers()
        if transceiver.receiver.track is None:
            raise InvalidStateError
        self._pump = asyncio.create_task(self._receive(transceiver.receiver.track))
        while connection.connectionState != "connected":
            if self._ended:
                raise CameraUnreachable(
                    "The video connection failed. Check that UDP passes between both machines."
                )
            await self._change()

    async def _change(self) -> None:
        self._came.clear()
        await self._came.wait()

    async def _receive(self, track: Any) -> None:
        try:
            while True:
                self._picture = await track.recv()
                self.arrived += 1
                self._came.set()
        except MediaStreamError:
            self._ended = True
            self._came.set()

    async def _newest(self, timeout: float) -> av.VideoFrame | None:
        self._came.clear()
        if self._picture is None and not self._ended:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), timeout)
        picture, self._picture = self._picture, None
        await self._count()
        return picture

    async def _count(self) -> None:
        if self._connection is not None:
            for entry in (await self._connection.getStats()).values():
                if entry.type == "transport":
                    self.received = entry.bytesReceived

    def _look(self) -> None:
        if self._connection is not None and self._connection.connectionState in (
            "failed",
            "closed",
        ):
            self._ended = True
        self._came.set()

    async def _leave(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
        if self._connection is not None:
            await self._connection.close()
