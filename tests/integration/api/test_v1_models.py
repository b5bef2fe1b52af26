"""The list of models, as the openai SDK reads it: references, the person's own names, nothing else."""

from __future__ import annotations

import openai
import pytest

from aiproxy_desktop.services.local_api.names import ModelNames
from tests.api_parts import served
from tests.dialects import GEMINI
from tests.integration.api.sdk import openai_for
from tests.wire import ByteServer, Reply


async def test_models_are_listed_by_reference_and_alias_and_found_by_every_name() -> None:
    aliases = {"fast": "gpt-5.4", "smart": "openai:gpt-5.4", "gone": "openai:gpt-1"}
    async with (
        served("Hello", names=ModelNames(aliases)) as api,
        openai_for(api) as client,
    ):
        listed = {model.id: model async for model in client.models.list()}
        for name in ("openai:gpt-5.4", "gpt-5.4", "fast"):
            found = await client.models.retrieve(name)
            assert (found.id, found.object, found.owned_by) == (name, "model", "openai")
        for name in ("gone", "openai:gpt-1", "nobody/has:this"):
            with pytest.raises(openai.NotFoundError) as missing:
                await client.models.retrieve(name)
            assert missing.value.code == "model_not_found"
        answer = await client.chat.completions.create(
            model="fast", messages=[{"role": "user", "content": "Hello"}]
        )
        lines = [(line.method, line.path, line.status) for line in api.log.recent()]
        line = api.log.recent()[-1]
        assert api.upstream.exchanges[-1].json["model"] == "gpt-5.4"
    assert set(listed) == {"fast", "smart", "openai:gpt-5.4"}
    assert all(type(model.created) is int and model.created > 0 for model in listed.values())
    assert answer.model == "gpt-5.4"
    assert line.model == "openai:gpt-5.4"
    assert line.cost is not None
    assert 0 < line.cost < 0.01
    assert lines[0] == ("GET", "/v1/models", 200)
    assert ("GET", "/v1/models/openai:gpt-1", 404) in lines


async def test_only_what_is_offered_is_there() -> None:
    async with ByteServer(Reply.json(GEMINI.models)) as other:
        names = ModelNames({"mine": "openai:gpt-5.4", "own": "gemini:gemini-3.8-flash"}, "mine", frozenset())
        async with (
            served(
                "Hello", providers=lambda http: [GEMINI.build(http, other.url, "key-of-gemini-0123")]
            ) as api,
            openai_for(api) as client,
        ):
            every = [model.id async for model in client.models.list()]
            api.names = ModelNames(names.aliases, "own", frozenset({"gemini:gemini-3.8-flash"}))
            some = [model.id async for model in client.models.list()]
            with pytest.raises(openai.BadRequestError, match="“models” is not taken"):
                await client.chat.completions.create(
                    model="own", messages=[], extra_body={"models": ["openai:gpt-5.4"]}
                )
            for name in ("openai:gpt-5.4", "mine"):
                with pytest.raises(openai.NotFoundError, match="not offered"):
                    await client.models.retrieve(name)
                with pytest.raises(openai.NotFoundError, match="not offered"):
                    await client.chat.completions.create(
                        model=name, messages=[{"role": "user", "content": "Hello"}]
                    )
            posts = [exchange for exchange in api.upstream.exchanges if exchange.method == "POST"]
    assert every == ["openai:gpt-5.4", "gemini:gemini-3.8-flash"]
    assert some == ["own", "gemini:gemini-3.8-flash"]
    assert posts == []
