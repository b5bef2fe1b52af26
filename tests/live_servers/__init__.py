"""Live services on loopback that hear, answer in sound, and fail in every way that the real ones do.

    async with GeminiLive() as server:                    # or OpenAIRealtime(), whose base URL ends in /v1
        ...  # talk to server.url
        assert [turn.text for turn in server.turns] == ["Good morning"]
        assert not server.refusals                        # nothing that the official clients would not send

    async with GeminiLive(tls=authority.context(), echo=True, pace=1.0, jitter=0.15) as server: ...

`Behaviour` lists what can be asked for; `behave` changes it. `go_away`, `close`, `drop` and `send` act on the
newest connection. `turns` are those of the person, in order, over all connections: none may be lost or stand
there twice; `connection.conversation` is what the service knows was said. By hand:
`python -m tests.live_servers`.
"""

from __future__ import annotations

from tests.live_servers.base import LiveServer
from tests.live_servers.behaviour import Behaviour, Call
from tests.live_servers.connected import Connected, Turn
from tests.live_servers.gemini import GeminiLive
from tests.live_servers.openai import OpenAIRealtime

__all__ = ["Behaviour", "Call", "Connected", "GeminiLive", "LiveServer", "OpenAIRealtime", "Turn"]
