"""A TCP listener that speaks the authenticated protocol by a script, for tests of devices."""

import contextlib
import socket
from threading import Condition, Thread

from scripted_server import ScriptedServer

WAIT = 10.0  # s


class ScriptedListener:
    """One connection at a time; stores, and acknowledges all it stored unless told not to.

    Attributes:
        server: What was stored; look at it through `until`.
        connections: Accepted so far.
        acknowledging: Whether stored packets are acknowledged.
        shut: Whether new connections are closed at once.
    """

    def __init__(self, keys, context=None):
        self.server = ScriptedServer(keys)
        self.connections = 0
        self.acknowledging = True
        self.shut = False
        self._context = context
        self._changed = Condition()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._connection = None
        self._thread = Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.cut()
        self._thread.join(WAIT)
        assert not self._thread.is_alive()

    def until(self, met):
        """Wait until `met(server)` holds; whether it did."""
        with self._changed:
            return self._changed.wait_for(lambda: met(self.server), WAIT)

    def tell(self, packet):
        """Send what `packet(server)` gives to the device that is connected."""
        with self._changed:
            self._connection.sendall(packet(self.server))

    def cut(self):
        """Reset the connection."""
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), plain:
                plain.settimeout(WAIT)
                if self._context is None:
                    self._converse(plain)
                else:
                    with self._context.wrap_socket(plain, server_side=True) as connection:
                        self._converse(connection)

    def _converse(self, connection):
        with self._changed:
            self.connections += 1
            self._changed.notify_all()
            if self.shut:
                return
            self._connection = connection
            self.server.opened()
        while chunk := connection.recv(65536):
            with self._changed:
                before = self.server.seq
                answer = self.server.receive(chunk)
                if self.acknowledging and self.server.seq > before:
                    answer += self.server.acknowledge()
                connection.sendall(answer)
                self._changed.notify_all()
