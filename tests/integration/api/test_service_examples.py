"""examples/local-api as a reader would use it: the unit's command runs, the curl of its page is answered."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.dialects import OPENAI
from tests.integration.api.collector import Collector, collector
from tests.ports import free_port
from tests.seed.processes import environment
from tests.source import REPOSITORY
from tests.wire import ByteServer, Exchange, Reply

FOLDER = REPOSITORY / "examples/local-api"
UNIT = FOLDER / "aiproxy-desktop.service"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
PROGRAM = "%h/.local/bin/aiproxy-desktop"


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace(PROGRAM, sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(copy)],
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


async def test_the_units_command_serves_what_its_page_asks(tmp_path: Path) -> None:
    port = free_port()
    async with ByteServer(_answer) as openai, collector() as told:
        wish = {"OTEL_ENABLED": "true", "OTEL_EXPORTER_TYPE": "otlp", "OTEL_ENDPOINT": told.url}
        more = {"HOME": str(tmp_path), "AIPROXY_HOME": str(tmp_path / "data"), "NO_PROXY": "*", **wish}
        environ = environment(openai.url, more)
        async with unit(tmp_path, port, environ):
            token = tmp_path / ".config/aiproxy-desktop/api-token"
            assert stat.S_IMODE(token.stat().st_mode) == 0o600
            for answer in await asked(port, environ):
                assert "Hello" in answer or "healthy" in answer or "gpt-5.5" in answer
    _check_telemetry(told)


def _check_telemetry(told: Collector) -> None:
    """It was handed over before the process ended."""
    facts = {"client.id": "127.0.0.1", "client.ip": "127.0.0.1", "status": "success", "model": "gpt-5.5"}
    (point,) = told.points("ai_proxy.requests")
    assert point.items() >= facts.items()
    assert told.spans["chat gpt-5.5"]["client.ip"] == "127.0.0.1"


@asynccontextmanager
async def unit(home: Path, port: int, environ: dict[str, str]) -> AsyncIterator[None]:
    """The unit's command as systemd runs it, from its readiness to its end."""
    (line,) = re.findall(r"^ExecStart=(.*)$", UNIT.read_text(), re.MULTILINE)
    config = home / ".config"
    (config / "aiproxy-desktop").mkdir(parents=True)  # ConfigurationDirectory
    program, *arguments = shlex.split(line.replace("%E", str(config)).replace("8000", str(port)))
    assert program == PROGRAM
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(home / "notify"))
        notified.setblocking(False)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "aiproxy_desktop", *arguments),
            env={**environ, "NOTIFY_SOCKET": str(home / "notify")},
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(notified, 4096), 120)
            assert b"READY=1" in said
            yield
            process.send_signal(signal.SIGTERM)
            _, complaints = await asyncio.wait_for(process.communicate(), 60)
        finally:
            if process.returncode is None:
                process.kill()
                _, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        assert b"Traceback" not in complaints


async def asked(port: int, environ: dict[str, str]) -> list[str]:
    """What each call of curl on the page gets."""
    (block,) = (one for one in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "curl" in one)
    script = block.replace("8000", str(port)).replace("curl ", "echo =====; curl --fail-with-body -sS ")
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-euc", script), env=environ, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await shell.communicate()
    assert shell.returncode == 0, said.decode()
    return said.decode().split("=====\n")[1:]


def _answer(exchange: Exchange) -> Reply:
    if exchange.method == "GET":
        return Reply.json({"object": "list", "data": [{"id": "gpt-5.5", "object": "model"}]})
    assert json.loads(exchange.body)["messages"]
    return OPENAI.reply(OPENAI.text("Hello"), OPENAI.finish("stop"))
