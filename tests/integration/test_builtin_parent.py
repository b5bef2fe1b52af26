"""The model's process never outlives the one that started it, however that one ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from aiproxy_desktop.core.providers.builtin.llama_process import child_command
from aiproxy_desktop.core.providers.builtin.provider import default_model

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 120.0

# Starts the model and says the child's pid: at once, or when it is loaded.
PARENT = """
import asyncio, sys
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider, default_model

async def main() -> None:
    provider = BuiltinProvider(HttpClient(), [default_model()])
    warming = asyncio.ensure_future(provider.warm())
    if sys.argv[1] == "loaded":
        await warming
    else:
        await asyncio.sleep(0)
    print(provider.pids[0], flush=True)
    if sys.argv[2] == "wait":
        await asyncio.sleep(600)

asyncio.run(main())
"""


def started(stage: str, then: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, stage, then], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )


def child_of(parent: subprocess.Popen[str]) -> psutil.Process | None:
    """The model's process, or None where it has ended already."""
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def ends(process: psutil.Process | None) -> bool:
    """Whether it ends within our patience; an orphan may be left as a zombie by whoever adopts it."""
    deadline = time.monotonic() + PATIENCE
    while process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            process.kill()
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("stage", ["loading", "loaded"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_when_its_parent_is_killed(stage: str, number: signal.Signals) -> None:
    with started(stage, "wait") as parent:
        child = child_of(parent)
        assert child is not None
        parent.send_signal(number)
        assert parent.wait(PATIENCE) == -number
    assert ends(child)


def test_it_ends_with_a_parent_that_never_closed_it() -> None:
    with started("loaded", "leave") as parent:
        child = child_of(parent)
        assert parent.wait(PATIENCE) == 0
    assert ends(child)


def test_it_ends_when_its_input_does() -> None:
    """What the parent's end looks like where the kernel sends no signal."""
    model = default_model()
    assert model is not None
    order = {
        "path": model.path,
        "alias": "m",
        "context": 512,
        "slots": 1,
        "threads": 1,
        "reading_threads": 1,
        "sleep_seconds": 60,
        "key": "a key",
        "mark": "mark ",
        "parent": os.getpid(),
    }
    with subprocess.Popen(
        child_command(), cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(order) + "\n")
        child.stdin.flush()
        answer = next(line for line in child.stdout if line.startswith("mark "))
        assert json.loads(answer[5:])["port"] > 0
        child.stdin.close()
        assert child.wait(PATIENCE) == 0


def test_it_ends_when_nothing_is_ever_said_to_it() -> None:
    done = subprocess.run(child_command(), cwd=REPOSITORY, stdin=subprocess.DEVNULL, timeout=PATIENCE)
    assert done.returncode == 0
