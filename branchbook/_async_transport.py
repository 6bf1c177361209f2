"""Talking to the core from Jupyter Server: one exchange on an asyncio stream, closed to cancel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from ._transport import ANSWER_TIMEOUT, Endpoint, Unreachable

#: The longest line of a stream: a result may list very many files.
LINE_LIMIT = 256 * 1024 * 1024


class Answer:
    """A response of the core: its status, and its body as it arrives."""

    def __init__(self, status: int, reader: asyncio.StreamReader, chunked: bool, length: int | None) -> None:
        self.status = status
        self._reader = reader
        self._chunked = chunked
        self._length = length

    async def read(self) -> bytes:
        """The whole body."""
        return b"".join([piece async for piece in self.pieces()])

    async def json(self) -> Any:
        """The whole body, parsed."""
        return json.loads(await self.read())

    async def lines(self) -> AsyncIterator[bytes]:
        """The body's lines, each with its end; empty ones only keep the connection alive."""
        rest = bytearray()
        async for piece in self.pieces():
            rest += piece
            while (end := rest.find(b"\n") + 1) > 0:
                yield bytes(rest[:end])
                del rest[:end]
        if rest:
            yield bytes(rest)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Ends early with `Unreachable` when the core died."""
        try:
            if self._chunked:
                while size := int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16):
                    yield await self._reader.readexactly(size)
                    await self._reader.readexactly(2)
            elif self._length is not None:
                yield await self._reader.readexactly(self._length)
        except (asyncio.IncompleteReadError, OSError, ValueError) as error:
            raise Unreachable(error, sent=True) from error


@asynccontextmanager
async def exchange(
    endpoint: Endpoint, method: str, path: str, body: Mapping[str, Any] | None = None
) -> AsyncIterator[Answer]:
    """Send one request; leaving the context closes the connection, which cancels an operation that still runs.

    Raises
    ------
    Unreachable
        Its `sent` tells whether the request may have reached a core.
    """
    try:
        reader, writer = await asyncio.wait_for(_connect(endpoint), ANSWER_TIMEOUT)
    except (OSError, asyncio.TimeoutError) as error:
        raise Unreachable(error, sent=False) from error
    try:
        try:
            writer.write(_request(endpoint, method, path, body))
            await writer.drain()
            status, headers = await _read_head(reader)
        except (asyncio.IncompleteReadError, OSError, ValueError) as error:
            raise Unreachable(error, sent=True) from error
        length = headers.get("content-length")
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        yield Answer(status, reader, chunked, None if length is None else int(length))
    finally:
        writer.close()


async def _connect(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if endpoint.tcp:
        host, port = endpoint.tcp
        return await asyncio.open_connection(host, port, limit=LINE_LIMIT)
    return await asyncio.open_unix_connection(endpoint.socket, limit=LINE_LIMIT)


def _request(endpoint: Endpoint, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
    payload = b"" if body is None else json.dumps(body).encode()
    headers = {"Host": "localhost", "Connection": "close", **endpoint.headers}
    if body is not None:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(payload))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + payload


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    pairs = (line.partition(":") for line in lines[1:] if line)
    return status, {name.strip().lower(): value.strip() for name, _, value in pairs}
