"""A core that does as a test tells it, to see what the server extension makes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from branchbook._transport import Endpoint


@dataclass
class Exchange:
    """One request, and the way to answer it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self, status: int = 200) -> None:
        self.writer.write(f"HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        await self.writer.drain()

    async def line(self, value: Any) -> None:
        data = json.dumps(value).encode() + b"\n"
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self.writer.drain()

    async def end(self) -> None:
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def answer(self, value: Any, status: int = 200) -> None:
        await self.begin(status)
        await self.line(value)
        await self.end()

    def die(self) -> None:
        self.writer.transport.abort()


class FakeCore:
    """Listens on a Unix socket; `handle` answers, `exchanges` remembers."""

    def __init__(self, socket: Path) -> None:
        self.endpoint = Endpoint(1, str(socket), None, "0", 1)
        self.exchanges: list[Exchange] = []
        self.starts = 0
        self.handle: Callable[[Exchange], Awaitable[None]] = self.echo
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def echo(self, exchange: Exchange) -> None:
        await exchange.answer({"type": "result", "result": exchange.body})

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._connected, self.endpoint.socket)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for exchange in self.exchanges:
            exchange.die()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ensure(self) -> Endpoint:
        """What `_core.ensure_endpoint` does."""
        self.starts += 1
        return self.endpoint

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        exchange = Exchange(method, path, headers, json.loads(raw) if raw else None, reader, writer)
        self.exchanges.append(exchange)
        task = asyncio.create_task(self._answer(exchange))
        self._tasks.add(task)
        await reader.read()
        exchange.closed.set()

    async def _answer(self, exchange: Exchange) -> None:
        await self.handle(exchange)
        exchange.writer.close()
