"""The official openai SDK, as programs use it: another base URL, and the token for a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from openai import AsyncOpenAI

from tests.api_parts import Served


@asynccontextmanager
async def openai_for(api: Served, **more: Any) -> AsyncIterator[AsyncOpenAI]:
    """A client of the local API, which asks once and waits long."""
    given: dict[str, Any] = {"api_key": api.token or "none", "max_retries": 0, "timeout": 60.0} | more
    async with AsyncOpenAI(base_url=f"{api.url}/v1", **given) as client:
        yield client
