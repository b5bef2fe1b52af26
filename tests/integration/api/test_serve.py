"""The local API as processes of their own: started, killed, told to stop, and what they say."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import httpx
import pytest

from aiproxy_desktop.cli import main
from tests.api_parts import hello, streamed
from tests.dialects import OPENAI
from tests.integration.api.serving_process import serving
from tests.ports import free_port
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

WORDS = [f"word{number} " for number in range(20)]


def _service(exchange: Exchange) -> Reply:
    if exchange.method == "GET":
        return Reply.json(OPENAI.models)
    whole = streamed(OPENAI, WORDS)
    slow = b"slowly" in exchange.body
    return Reply.events(*whole.pieces, delay=0.1 if slow else 0.0)


def _upstream(server: ByteServer) -> dict[str, str]:
    return {"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": f"{server.url}/v1"}


async def test_a_stream_ends_whole_after_it_was_told_to_stop(tmp_path: Path) -> None:
    token_file, notices = tmp_path / "token", tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(notices))
        manager.settimeout(30)
        async with (
            ByteServer(_service) as upstream,
            serving(
                "--token-file", str(token_file), NOTIFY_SOCKET=str(notices), **_upstream(upstream)
            ) as server,
        ):
            await server.ready()
            assert manager.recv(100) == b"READY=1"
            assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
            token = token_file.read_text().strip()
            assert len(token) == 43
            assert token not in "".join(server.said)
            async with httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as http:
                refused = await http.post("/v1/chat/completions", json=hello())
                assert refused.status_code == 401
                got = ""
                ask = http.build_request(
                    "POST",
                    "/v1/chat/completions",
                    json=hello("slowly", model="openai:m", stream=True),
                    headers={"Authorization": f"Bearer {token}"},
                )
                answer = await http.send(ask, stream=True)
                async for text in answer.aiter_text():
                    if not got:
                        server.terminate()
                    got += text
                assert "word19" in got
                assert got.endswith("data: [DONE]\n\n")
            assert await asyncio.wait_for(server.process.wait(), 60) == 0
            assert manager.recv(100) == b"STOPPING=1"
            assert server.said == [
                f"A new token was written to {token_file}",
                f"The local API is at {server.url}",
            ]


async def test_a_worker_that_dies_is_replaced_and_none_outlives_the_first_process() -> None:
    async with (
        ByteServer(_service) as upstream,
        serving("--no-token", "--workers", "2", **_upstream(upstream)) as server,
    ):
        await server.ready()
        former = server.children
        assert len(former) == 2
        os.kill(former[0], signal.SIGKILL)
        await until(lambda: any("another one takes its place" in line for line in server.said), "replaced")

        async def ask() -> int:
            # Of connections of their own some meet the socket of the one that is gone, and wait for the next.
            async with httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as http:
                answer = await http.post("/v1/chat/completions", json=hello(model="openai:m"))
                return answer.status_code

        assert await asyncio.gather(*(ask() for _ in range(12))) == [200] * 12
        now = server.children
        assert len(now) == 2
        assert len([line for line in server.said if line.startswith("Worker")]) == 1
        server.process.kill()
        await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in now), "the workers end too")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "0.0.0.0", "--no-token"], "expose"),
        (["--host", "0.0.0.0", "--no-token", "--expose"], "token"),
        (["--token-file", "{folder}"], "token"),
        (["--no-token", "--allow-origin", "*"], "would let in any origin"),
        (["--token-file", "{empty}"], "There is no token in"),
        (["--token-file", "{short}"], "cannot be a token"),
        ([], "--token-file"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    no_secret_service: None,
) -> None:
    places = {"folder": tmp_path, "empty": tmp_path / "empty", "short": tmp_path / "short"}
    places["empty"].write_text("")
    places["short"].write_text("secret")
    places["short"].chmod(0o600)
    given = [each.format(**places) for each in arguments]
    assert main(["serve", "--port", str(free_port()), *given]) == 1
    said = capsys.readouterr().err
    assert said.startswith("aiproxy-desktop: ")
    assert says in said
    assert "secret" not in said.replace(str(tmp_path), "")
    assert said.count("\n") == 1


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["serve", "--no-token", "--port", str(port)]) == 1
    assert f"Port {port} is taken by another program" in capsys.readouterr().err


def test_a_token_that_others_can_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "token"
    file.write_text("a-token-of-many-letters\n")
    file.chmod(0o644)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert main(["serve", "--token-file", str(file), "--port", str(other.getsockname()[1])]) == 1
    said = capsys.readouterr().err
    assert "Others can read the token" in said
    assert "a-token-of-many-letters" not in said
