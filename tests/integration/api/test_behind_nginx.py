"""Behind a real nginx, set up as examples/local-api says: who asks, streams, and clients that leave."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from tests.api_parts import Served, hello, served
from tests.dialects import OPENAI
from tests.integration.api.live_client import live_api
from tests.nginx import nginx
from tests.seed.examples import DOCUMENT
from tests.seed.services import Authority
from tests.source import REPOSITORY
from tests.waiting import until

EXAMPLE = (REPOSITORY / "examples/local-api/nginx.conf").read_text(encoding="utf-8")
NAME = "models.example.org"
REPLACES = "proxy_set_header X-Forwarded-For $remote_addr;"
KEEPS = "proxy_set_header X-Forwarded-For $http_x_forwarded_for;"
NOTHING = 'proxy_set_header X-Forwarded-For "";'
FORWARDED = """proxy_set_header Forwarded 'for="$remote_addr:$remote_port";proto=$scheme';"""
FORWARDED_V6 = """proxy_set_header Forwarded 'by=_a;For="[2001:db8::2]:47", for=10.0.0.1';"""
CLIENT = "127.0.0.2"  # whom nginx sees; all of 127.0.0.0/8 is this machine


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path, NAME)


@asynccontextmanager
async def in_front(
    api: Served, authority: Authority, folder: Path, **changes: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an nginx in front of the API, with the token, from an address of its own."""
    text = EXAMPLE
    for former, present in {
        "127.0.0.1:8000": f"127.0.0.1:{api.port}",
        "listen 443 ssl": "listen 127.0.0.1:PORT ssl",
        f"/etc/ssl/{NAME}.pem": str(authority.certificate),
        f"/etc/ssl/private/{NAME}.key": str(authority.key),
        **changes,
    }.items():
        assert former in text
        text = text.replace(former, present)
    api.rules = replace(api.rules, hosts=api.rules.hosts | {NAME}, origins=frozenset({f"https://{NAME}"}))
    (folder / "nginx").mkdir()
    async with nginx(folder / "nginx", text) as port:
        transport = httpx.AsyncHTTPTransport(
            verify=authority.client_context(), local_address=CLIENT, trust_env=False
        )
        headers = {**api.headers, "Host": NAME}
        base = f"https://localhost:{port}"
        async with httpx.AsyncClient(base_url=base, headers=headers, transport=transport, timeout=60) as http:
            yield http


async def test_curl_asks_and_is_known(authority: Authority, tmp_path: Path) -> None:
    async with served() as api, in_front(api, authority, tmp_path) as http:
        port = http.base_url.port
        curl = await asyncio.create_subprocess_exec(
            *("curl", "--silent", "--show-error", "--fail-with-body", "--cacert", authority.certificate),
            *("--interface", CLIENT, "--resolve", f"{NAME}:{port}:127.0.0.1"),
            *("--write-out", "\n%{http_version}", "-H", f"Authorization: Bearer {api.token}"),
            *("-H", "Content-Type: application/json", "-H", "X-App: notes", "-H", "X-Device: desk"),
            *("-H", "X-Forwarded-For: 203.0.113.66", "-H", "X-Real-IP: 203.0.113.67"),
            *("-H", "Forwarded: for=203.0.113.68", "-d", json.dumps(hello(device="phone"))),
            f"https://{NAME}:{port}/api/chat/completions",
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await curl.communicate()
        answer, _, version = said.decode().rpartition("\n")
        (request,) = api.log.recent()
    assert curl.returncode == 0, said
    assert version == "2"
    assert json.loads(answer)["choices"][0]["message"]["content"] == "Hello"
    who = request.client
    assert (who.ip, who.client_id, who.app, who.device) == (CLIENT, CLIENT, "notes", "phone")
    assert request.peer == "127.0.0.1"


@pytest.mark.parametrize(
    ("line", "given", "ip"),
    [
        (
            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
            {"X-Forwarded-For": "[2001:DB8::1]:4711, 203.0.113.9"},
            "2001:db8::1",
        ),
        ("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", {}, CLIENT),
        ('proxy_set_header X-Forwarded-For "unknown";', {"X-Forwarded-For": "203.0.113.9"}, CLIENT),
        (f"{KEEPS}{FORWARDED}", {"X-Forwarded-For": "203.0.113.9"}, "203.0.113.9"),
        (NOTHING + FORWARDED, {"X-Forwarded-For": "203.0.113.9"}, CLIENT),
        (NOTHING + FORWARDED_V6, {"X-Forwarded-For": "203.0.113.9"}, "2001:db8::2"),
    ],
    ids=["first of several", "appended", "no address", "both", "Forwarded", "Forwarded, IPv6"],
)
async def test_whom_nginx_asks_for(
    line: str, given: dict[str, str], ip: str, authority: Authority, tmp_path: Path
) -> None:
    changes = {REPLACES: line}
    if " Forwarded '" in line:
        changes['proxy_set_header Forwarded "";'] = ""
    async with served() as api, in_front(api, authority, tmp_path, **changes) as http:
        await ask(http, headers=given)
        assert api.log.recent()[-1].client.ip == ip
        api.rules = replace(api.rules, trusted_proxies=("203.0.113.0/24",))
        await ask(http, headers=given)
        assert api.log.recent()[-1].client.ip == "127.0.0.1"


async def test_a_live_session_is_told_its_address(authority: Authority, tmp_path: Path) -> None:
    """With the seed's own example of a configuration, which names no client."""
    (example,) = re.findall(r'^{"type":"config",.*}$', DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    async with live_api() as (api, _), in_front(api, authority, tmp_path) as http:
        async with connect(
            f"wss://{NAME}:{http.base_url.port}/api/gemini/ws",
            host="127.0.0.1",
            port=http.base_url.port,
            local_addr=(CLIENT, 0),
            proxy=None,
            ssl=authority.client_context(),
            subprotocols=[Subprotocol("aiproxy"), Subprotocol(f"bearer.{api.token}")],
            additional_headers={"X-Forwarded-For": "203.0.113.66", "X-Device": "desk", "X-User-Id": "u"},
            origin=Origin(f"https://{NAME}"),
        ) as socket:
            assert socket.subprotocol == "aiproxy"
            await socket.send(example)
            told = json.loads(await socket.recv())
        await until(lambda: api.log.recent()[-1].seconds is not None)
        (request,) = api.log.recent()
    assert told["type"] == "config_success"
    assert told["message"] == "Configuration acknowledged"
    assert (told["client_id"], told["ip"]) == (CLIENT, CLIENT)
    who = request.client
    assert (who.app, who.device, who.user_id, who.ip) == ("caringmind", "cli", "u", CLIENT)
    assert request.peer == "127.0.0.1"


async def test_another_name_is_not_answered(authority: Authority, tmp_path: Path) -> None:
    async with served() as api, in_front(api, authority, tmp_path) as http:
        refused = await http.post("/v1/chat/completions", json=hello(), headers={"Host": "evil.example"})
        assert refused.status_code == 421
        assert not api.upstream.exchanges


async def test_pieces_come_as_they_are_made_and_leaving_goes_through(
    authority: Authority, tmp_path: Path
) -> None:
    waits = OPENAI.reply(OPENAI.text("Once"), ending="silence")
    async with served(waits) as api, in_front(api, authority, tmp_path) as http:
        body = hello(stream=True)
        async with http.stream("POST", "/api/chat/completions", json=body) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            pieces = cast("AsyncGenerator[str]", answer.aiter_text())
            async with aclosing(pieces):
                while "Once" not in await anext(pieces):
                    pass
        (asked,) = api.upstream.exchanges
        await asyncio.wait_for(asked.closed.wait(), 60)
        await until(lambda: api.log.recent()[-1].seconds is not None)
        assert api.log.recent()[-1].status == 499


async def ask(http: httpx.AsyncClient, **more: Any) -> None:
    """One completion, which must succeed."""
    answer = await http.post("/v1/chat/completions", json=hello(), **more)
    assert answer.status_code == 200, answer.text
