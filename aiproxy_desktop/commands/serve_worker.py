"""One of several processes that answer: told on standard input what to do, and by its end to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import threading
from typing import Any

import msgspec

from aiproxy_desktop.commands.common import open_runtime
from aiproxy_desktop.commands.serve_model import BorrowedModel, LentModel
from aiproxy_desktop.commands.serve_one import answer, own_log
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.server.loops import server_loop
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.system import borrowed_socket, on_termination


def main() -> int:
    """The whole process.

    Returns:
        0 where it was told to stop, 1 where something went wrong.
    """
    logging.getLogger().addHandler(logging.NullHandler())
    told: dict[str, Any] = json.loads(sys.stdin.buffer.readline() or b"{}")
    if not told:
        return 1
    redactor = Redactor()
    paths = AppPaths.resolve(told["data_dir"], os.environ)
    try:
        with own_log(paths, redactor, told["number"]), asyncio.Runner(loop_factory=server_loop) as runner:
            try:
                runner.run(_work(told, redactor))
            except AIProxyError:
                raise
            except Exception:  # passed on; its traceback belongs in this process's log
                logging.getLogger(__name__).exception("unexpected in a worker")
                raise
    except AIProxyError as error:
        _say(f"problem {' '.join(str(error).split())}")
        return 1
    except Exception:  # noqa: BLE001 - it is in the log, and whoever started this sees that it ended
        return 1
    return 0


async def _work(told: dict[str, Any], redactor: Redactor) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    on_termination(stop.set)

    def watch_parent() -> None:
        while sys.stdin.buffer.read(1):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch_parent, name="parent", daemon=True).start()
    token: str | None = told["token"]
    if token is not None:
        redactor.add(token)
    settings = msgspec.convert(told["settings"], ApiSettings)
    sock = borrowed_socket(told["socket"])
    options = argparse.Namespace(data_dir=told["data_dir"])
    stand_ins = [BorrowedModel(LentModel.of(told["model"]), redactor)] if told["model"] else []
    async with open_runtime(options, redactor, stand_ins=stand_ins, for_others=True) as runtime:
        await answer(runtime, settings, token, sock, stop, lambda: _say("ready"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
