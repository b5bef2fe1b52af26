"""The pieces of code that Settings offers, pasted as they are into real programs."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from aiproxy_desktop.services.local_api.names import ModelNames
from aiproxy_desktop.services.local_api.snippets import Reach, Snippet, snippets
from tests.api_parts import Served, served
from tests.integration.api.live_client import live_api

# A name that no shell, no YAML and no language may take apart.
_NAME = 'it\'s "m" $HOME'


def _piece(snippet_id: str) -> Snippet:
    return next(one for one in snippets() if one.id == snippet_id)


async def _run(*command: str, folder: Path) -> str:
    """What a program says; it has to end well."""
    beside = Path(sys.executable).parent
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={
            "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "LLM_USER_PATH": str(folder),
            "LLM_LOAD_PLUGINS": "",  # none of those that happen to be here
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await process.communicate()
    assert process.returncode == 0, wrong.decode()
    return said.decode()


def _reach(api: Served, model: str = _NAME) -> Reach:
    assert api.token is not None
    return Reach(api.url, model, api.token)


async def test_each_program_is_answered(tmp_path: Path) -> None:
    async with served("Good day", names=ModelNames({_NAME: "openai:m"})) as api:
        reach = _reach(api)
        python, curl, llm = (_piece(one).write(reach) for one in ("python", "curl", "llm"))
        said = await asyncio.gather(
            _run("python", "-c", python, folder=tmp_path),
            _run("bash", "-c", f"{curl} --silent --show-error", folder=tmp_path),
            _run("bash", "-c", llm, folder=tmp_path),
        )
        assert all("Good day" in each for each in said), said
        assert [entry.status for entry in api.log.recent()] == [200] * 3
        assert {entry.model for entry in api.log.recent()} == {"openai:m"}


async def test_a_live_session_is_held(tmp_path: Path) -> None:
    async with live_api() as (api, service):
        said = await _run("python", "-c", _piece("websocket").write(_reach(api)), folder=tmp_path)
        assert "turn_complete" in said
        assert [turn.text for turn in service.turns] == ["Hello"]
