"""Whoever is refused finds a line about it in the log of requests, and nothing of what was sent in it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from aiproxy_desktop.server.rules import Limits
from aiproxy_desktop.services.local_api.log import KEPT_REFUSED
from tests.api_parts import TOKEN, Served, hello, served
from tests.waiting import until

CHAT = "/v1/chat/completions"
JSON = {"Content-Type": "application/json"}
# In place of a body, and of a token.
SECRET = "what-nobody-shall-read"


async def line_after(api: Served, answer: httpx.Response) -> Any:
    """The newest line; it tells what the client was told."""
    line = api.log.recent()[-1]
    assert line.status == answer.status_code
    assert line.error == answer.json()["detail"]
    assert line.seconds is not None
    assert (line.peer, line.model, line.cost) == ("127.0.0.1", "", None)
    return line


async def test_each_refusal_has_one_line_that_says_why() -> None:
    wrong = {"Authorization": f"Bearer {SECRET}", "X-App": "notes"}
    refusals: list[tuple[int, str, dict[str, Any]]] = [
        (401, "token", {"json": hello(SECRET), "headers": wrong}),
        (421, "“evil.example”", {"json": hello(), "headers": {"Host": "evil.example"}}),
        (403, "“https://page.example”", {"json": hello(), "headers": {"Origin": "https://page.example"}}),
        (415, "JSON", {"content": SECRET, "headers": {"Content-Type": "text/plain"}}),
        (400, "JSON", {"content": f"{{{SECRET}", "headers": JSON}),
        (400, "object", {"content": f'["{SECRET}"]', "headers": JSON}),
        (400, "no body", {}),
        (413, "large", {"json": hello(SECRET * 50_000)}),
    ]
    async with served(limits=Limits(body=600_000)) as api, api.http() as http:
        for count, (status, word, sent) in enumerate(refusals, 1):
            answer = await http.post(CHAT, **sent)
            line = await line_after(api, answer)
            assert len(api.log.recent()) == count
            assert (line.status, line.method, line.path) == (status, "POST", CHAT)
            assert word in line.error
        assert api.log.recent()[0].client.app == "notes"
        # A base URL without /v1, and one with a query that has no business there.
        answer = await http.post(f"/chat/completions?key={SECRET}", json=hello())
        assert (await line_after(api, answer)).path == "/chat/completions"
        await line_after(api, await http.put(CHAT, json=hello()))
        strange = await http.get("/v1/%0a%1b[31m" + "x" * 5000)
        assert (await line_after(api, strange)).path.startswith("/v1/ [31mxxx")
        await http.get("/v1/models/%0a" + "x" * 5000)
        assert api.log.recent()[-1].path == "/v1/models/ " + "x" * 244
        # What a route refuses has the line of that request, and no second one.
        before = len(api.log.recent())
        await http.post(CHAT, json={"model": 5, "messages": []})
        assert len(api.log.recent()) == before + 1
        assert (await http.get("/health")).status_code == 200
        assert len(api.log.recent()) == before + 1
        told = repr(api.log.recent())
        assert not api.upstream.exchanges
    assert SECRET not in told
    assert TOKEN not in told
    assert len(told) < 20_000


async def test_sockets_that_are_refused_have_one_too() -> None:
    async with served() as api:
        url = f"{api.ws_url}/api/gemini/ws"
        protocols = [Subprotocol("aiproxy"), Subprotocol(f"bearer.{SECRET}")]
        with pytest.raises(InvalidStatus):
            await connect(url, proxy=None, subprotocols=protocols)
        async with connect(url, proxy=None) as socket:
            await socket.send(json.dumps({"type": "config", "token": SECRET}))
            await socket.wait_closed()
        await until(lambda: len(api.log.recent()) == 2, "both")
        lines = api.log.recent()
        async with connect(url, proxy=None, additional_headers=api.headers) as socket:
            with suppress(ConnectionClosed):
                for _ in range(200):
                    await socket.send(f'["{SECRET}"]')
            await socket.wait_closed()
        await until(lambda: len(api.log.recent()) == 3, "the third")
        last = api.log.recent()[-1]
    assert [(one.method, one.path, one.status) for one in lines] == [("WS", "/api/gemini/ws", 401)] * 2
    assert all("token" in one.error for one in lines)
    assert (last.method, last.status) == ("WS", 400)
    assert last.error
    assert SECRET not in repr((*lines, last))


async def test_a_flood_of_refusals_pushes_out_nothing_else() -> None:
    async with served() as api, api.http() as http:
        for _ in range(3):
            await http.post(CHAT, json=hello())
        for _ in range(KEPT_REFUSED + 20):
            await http.get("/v1/models", headers={"Authorization": "Bearer no"})
        await http.post(CHAT, json=hello())
        lines = api.log.recent()
    assert [one.status for one in lines] == [200] * 3 + [401] * KEPT_REFUSED + [200]
    assert [one.number for one in lines[2:5]] == [3, 24, 25]
