"""The built-in model of one process, for the workers beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiproxy_desktop.commands.serve_model import BorrowedModel, LentModel, lent_model
from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import (
    Finished,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import NO_RETRY
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.storage.paths import AppPaths

_HELLO = [{"role": "user", "content": "Hi"}]
_EVENTS: list[StreamEvent] = [
    Started("builtin", "script"),
    ReasoningDelta("Well. "),
    TextDelta("Hello"),
    UsageReported(Usage(7, 3)),
    Finished("stop"),
]


async def test_a_worker_asks_it_as_if_it_were_its_own(tmp_path: Path) -> None:
    environ = {"OLLAMA_HOST": "127.0.0.1:1"}
    model = ScriptedProvider(_EVENTS, id="builtin", then=[[AIProxyError("It is out of order")]])
    paths = AppPaths.resolve(str(tmp_path), environ)
    paths.ensure()
    runtime = Runtime.build(paths, environ, Redactor(), stand_ins=[model], for_others=True)
    await runtime.providers.start()
    try:
        async with lent_model(runtime) as lent:
            assert lent is not None
            assert lent.token not in repr(lent)
            borrowed = BorrowedModel(LentModel.of(json.loads(json.dumps(lent.told()))), Redactor())
            assert await borrowed.list_models() == await model.list_models()
            registry = Registry([borrowed])
            client = CompletionClient(registry, retries=NO_RETRY)
            try:
                async with client.stream(_HELLO, "builtin") as events:
                    found = [event async for event in events]
                assert [event for event in found if not isinstance(event, UsageReported)] == [
                    event for event in _EVENTS if not isinstance(event, UsageReported)
                ]
                assert model.requests[0].model == "script"
                with pytest.raises(AIProxyError, match="Built in"):
                    await client.create_completion(_HELLO, "builtin:script")
            finally:
                await client.aclose()
                await registry.aclose()
    finally:
        await runtime.aclose()
