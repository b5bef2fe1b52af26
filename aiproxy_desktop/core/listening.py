"""Whether anything listens at a place, found out before anything heavy is imported."""

from __future__ import annotations

from contextlib import suppress

# The name is looked up on a thread of asyncio's pool; its two meanings are known without.
_LOCALHOST = ("127.0.0.1", "::1")


async def listens(host: str, port: int, seconds: float = 0.5) -> bool:
    """Whether a connection can be made within so many seconds. Nothing is sent."""
    hosts = _LOCALHOST if host == "localhost" or host.endswith(".localhost") else (host,)
    for one in hosts:
        if await _connects(one, port, seconds):
            return True
    return False


async def _connects(host: str, port: int, seconds: float) -> bool:
    import asyncio

    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError, UnicodeError):  # UnicodeError: a name that IDNA cannot encode
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
