"""A link with a delay: `python -m benchmarks.link MILLISECONDS HOST PORT`, a process of its own on loopback.

Rule: each octet waits half of the round trip, both ways at once, and nothing limits how many are under way. What goes through is
counted: octets each way, and flights, which is how often in succession the client sent something after it had got an answer to
what it had sent before. A connection costs what it costs on such a link: one and a half round trips until the server sees it.

Commands on standard input, one a line: `report` prints what was counted since the last one as JSON, once no connection is open.
It ends when standard input does.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import select
import socket
import subprocess
import sys
import time
from collections import deque
from typing import Any

__all__ = ["Link", "main"]

BLOCK = 256 * 1024
ROOM = 64 * 1024 * 1024
"""Octets under way in one direction, beyond which no more are taken: at 25 ms that is 20 Gbit/s."""


class _Way:
    """One direction of a connection. `depth` of the octets under way is the flight that they belong to."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source, self.sink = source, sink
        self.queue: deque[tuple[float, memoryview, int]] = deque()
        self.size = 0
        self.octets = 0
        self.delivered = 0  # the flight of the octets that have arrived
        self.blocked = self.ended = self.shut = False


class _Connection:
    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.up, self.down = _Way(client, server), _Way(server, client)
        self.flights = 0

    def take(self, way: _Way, delay: float) -> None:
        try:
            data = way.source.recv(BLOCK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if way is self.up:
            depth = self.down.delivered + 1
            self.flights = max(self.flights, depth if data else 0)
        else:
            depth = self.up.delivered
        way.ended = not data
        way.octets += len(data)
        way.size += len(data)
        way.queue.append((time.monotonic() + delay, memoryview(data), depth))


def _deliver(way: _Way, now: float) -> None:
    way.blocked = False
    while way.queue and way.queue[0][0] <= now:
        due, data, depth = way.queue[0]
        if not data:
            with contextlib.suppress(OSError):
                way.sink.shutdown(socket.SHUT_WR)
            way.shut = True
            way.queue.clear()
            return
        try:
            sent = way.sink.send(data)
        except BlockingIOError:
            way.blocked = True
            return
        except OSError:  # the other side is gone: what is left goes nowhere
            way.queue.clear()
            way.ended = way.shut = True
            return
        way.delivered = max(way.delivered, depth)
        way.size -= sent
        if sent < len(data):
            way.queue[0] = (due, data[sent:], depth)
        else:
            way.queue.popleft()


def serve(delay: float, host: str, port: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    waiting: deque[tuple[float, socket.socket]] = deque()
    connections: list[_Connection] = []
    counted: list[dict[str, int]] = []
    report_due = False
    while True:
        ways = [way for connection in connections for way in (connection.up, connection.down)]
        reading: list[Any] = [listener, sys.stdin]
        reading += [way.source for way in ways if not way.ended and way.size < ROOM]
        dues = [way.queue[0][0] for way in ways if way.queue and not way.blocked] + [due for due, _ in waiting]
        wait = max(0.0, min(dues) - time.monotonic()) if dues else None
        readable, _, _ = select.select(reading, [way.sink for way in ways if way.blocked], [], wait)
        now = time.monotonic()
        if sys.stdin in readable:
            line = sys.stdin.readline()
            if not line:
                return
            report_due = True
        if listener in readable:
            with contextlib.suppress(BlockingIOError):
                waiting.append((now + 3 * delay, listener.accept()[0]))
        while waiting and waiting[0][0] <= now:
            _, client = waiting.popleft()
            server = socket.create_connection((host, port))
            for one in (client, server):
                one.setblocking(False)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections.append(_Connection(client, server))
        ready = set(readable)
        for connection in list(connections):
            for way in (connection.up, connection.down):
                if way.source in ready:
                    connection.take(way, delay)
                _deliver(way, now)
            if connection.up.shut and connection.down.shut:
                for way in (connection.up, connection.down):
                    way.source.close()
                connections.remove(connection)
                counted.append({"up": connection.up.octets, "down": connection.down.octets, "flights": connection.flights})
        if report_due and not connections and not waiting:
            print(json.dumps(counted), flush=True)
            counted.clear()
            report_due = False


class Link:
    """A running link to `host`:`port`, `round_trip` in seconds. A context manager; `port` is where clients connect."""

    def __init__(self, round_trip: float, host: str, port: int) -> None:
        command = [sys.executable, "-m", "benchmarks.link", str(round_trip * 1000), host, str(port)]
        self._process = subprocess.Popen(  # noqa: S603 - this very module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii"
        )
        self.port = int(self._line())

    def _line(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("the link ended")
        return line

    def report(self) -> list[dict[str, int]]:
        """What went through each connection since the last report; waits until all are closed."""
        if self._process.stdin:
            self._process.stdin.write("report\n")
            self._process.stdin.flush()
        report: list[dict[str, int]] = json.loads(self._line())
        return report

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A link with a delay, on loopback.")
    parser.add_argument("milliseconds", type=float)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    serve(given.milliseconds / 2000, given.host, given.port)


if __name__ == "__main__":
    main()
