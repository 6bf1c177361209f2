"""The way from Jupyter Server to the core."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from logging import Logger
from typing import Any
from urllib.parse import quote

from . import _core
from ._async_transport import Answer, exchange
from ._transport import Endpoint, Unreachable
from .errors import BranchbookError

#: Seconds between attempts to follow the events of a core that does not answer: the first, and the most.
RECONNECT_DELAYS = (0.5, 30.0)

EventListener = Callable[[Mapping[str, Any]], None]


class CoreConnection:
    """The way to the core, for all handlers.

    Parameters
    ----------
    log : logging.Logger
    on_event : callable
        Called with each `ProjectEvent` of the projects followed.
    ensure : callable, optional
        Gives the endpoint of a core that runs, starting one if need be; blocks.
    """

    def __init__(
        self, log: Logger, on_event: EventListener, ensure: Callable[[], Endpoint] = _core.ensure_endpoint
    ) -> None:
        self._log = log
        self._on_event = on_event
        self._ensure = ensure
        self._endpoint: Endpoint | None = None
        self._starting = asyncio.Lock()
        self._roots: set[str] = set()
        self._events: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def open(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool
    ) -> AsyncIterator[Answer]:
        """Send a request to the core, which is started when there is none.

        Parameters
        ----------
        again : bool
            True when the request may be sent a second time after the core died without an answer.
        """
        async with AsyncExitStack() as stack:
            endpoint = self._endpoint or await self._connect(None)
            try:
                answer = await stack.enter_async_context(exchange(endpoint, method, path, body))
            except Unreachable as error:
                if error.sent and not again:
                    await self._forget(endpoint)
                    raise
                endpoint = await self._connect(endpoint)
                answer = await stack.enter_async_context(exchange(endpoint, method, path, body))
            yield answer

    async def ask(self, path: str) -> dict[str, Any]:
        """The answer to a GET request, which may be sent twice.

        Raises
        ------
        BranchbookError
        """
        async with self.open("GET", path, again=True) as answer:
            found = await answer.json()
        if answer.status >= 400:
            raise BranchbookError.from_json(found["error"])
        return found

    def follow(self, root: str) -> None:
        """From now on, hear of changes of a project."""
        self._roots.add(root)
        if self._events is None or self._events.done():
            self._events = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following events. The core goes on: kernels may use it, and it stops by itself."""
        if self._events:
            self._events.cancel()
            await asyncio.gather(self._events, return_exceptions=True)

    async def _connect(self, dead: Endpoint | None) -> Endpoint:
        """A core that runs, other than the one found dead; requests at the same time share one start."""
        async with self._starting:
            if self._endpoint is None or self._endpoint == dead:
                if dead:
                    self._log.warning("The Branchbook core stopped; starting it again.")
                self._endpoint = None
                self._endpoint = await asyncio.to_thread(self._ensure)
            return self._endpoint

    async def _forget(self, endpoint: Endpoint) -> None:
        async with self._starting:
            if self._endpoint == endpoint:
                self._endpoint = None

    async def _follow(self) -> None:
        first, longest = RECONNECT_DELAYS
        delay = first
        while True:
            try:
                # A core that was started anew knows no project: name them all, and it begins with how they are now.
                query = "&".join(f"project={quote(root, safe='')}" for root in sorted(self._roots))
                async with self.open("GET", f"/v1/events?{query}", again=True) as answer:
                    async for line in answer.lines():
                        delay = first
                        if line.strip():
                            self._on_event(json.loads(line))
            except BranchbookError as error:
                self._log.info("Branchbook events: %s", error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, longest)
