from __future__ import annotations

import asyncio

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider
from aiproxy_desktop.services.task_scope import TaskScope
from tests.waiting import until
from tests.wire import ByteServer, Reply


async def test_one_failing_task_leaves_its_siblings_alone_and_is_reported() -> None:
    errors: list[Exception] = []
    scope = TaskScope("test", errors.append)
    reached = asyncio.Event()

    async def fail() -> None:
        raise ValueError("broken")

    async def go_on() -> None:
        await asyncio.sleep(0.01)
        reached.set()

    scope.start(fail())
    scope.start(go_on())
    await asyncio.wait_for(reached.wait(), 10)
    await scope.close()

    assert [str(error) for error in errors] == ["broken"]


async def test_closing_waits_for_the_last_clean_up() -> None:
    cleaned: list[str] = []
    scope = TaskScope("test", lambda error: pytest.fail(str(error)))

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)
            cleaned.append("done")

    scope.start(work())
    await asyncio.sleep(0)
    await scope.close()

    assert cleaned == ["done"]
    assert len(scope) == 0


async def test_a_closed_scope_takes_no_more_work() -> None:
    scope = TaskScope("test", lambda error: pytest.fail(str(error)))
    await scope.close()

    async def work() -> None:
        pytest.fail("must not run")

    with pytest.raises(RuntimeError, match="test is closed"):
        scope.start(work())


async def test_a_task_that_lets_go_of_its_connection_is_not_cancelled_again() -> None:
    scope = TaskScope("test", lambda error: pytest.fail(str(error)))
    http = HttpClient()
    async with ByteServer(Reply.nothing()) as server:
        keys = StaticCredentials({})
        provider = OpenAICompatibleProvider("it", "It", server.url, http, keys, needs_key=False)
        scope.start(provider.list_models())
        await until(lambda: server.exchanges, "the request")
        scope.cancel()
        await asyncio.sleep(0)
        await scope.close()
        await until(server.exchanges[0].closed.is_set, "the connection is closed")
        await http.aclose()


async def test_what_a_person_can_act_on_is_told_and_the_rest_reported() -> None:
    reported: list[Exception] = []
    told: list[AIProxyError] = []
    scope = TaskScope("test", reported.append)

    async def fail(error: Exception) -> None:
        raise error

    scope.attempt(lambda: fail(AIProxyError("No room", "Make some.")), told.append)
    scope.attempt(lambda: fail(ValueError("a mistake")), told.append)
    await until(lambda: told and reported)
    assert [str(error) for error in (*told, *reported)] == ["No room. Make some.", "a mistake"]
    await scope.close()
