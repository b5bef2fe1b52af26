"""Who is let in by the local API, over real sockets."""

from __future__ import annotations

from tests.api_parts import hello, served


async def test_a_question_is_answered() -> None:
    async with served(["Hel", "lo"]) as api, api.http() as http:
        answer = await http.post("/v1/chat/completions", json=hello())
        assert answer.status_code == 200
        assert answer.json()["choices"][0]["message"]["content"] == "Hello"
        assert api.upstream.exchanges[-1].json["messages"] == hello()["messages"]
        assert [one.status for one in api.log.recent()] == [200]
        streamed = await http.post("/v1/chat/completions", json=hello(stream=True))
        assert streamed.text.endswith("data: [DONE]\n\n")
        http.headers.pop("authorization")
        refused = await http.post("/v1/chat/completions", json=hello())
        assert refused.status_code == 401
