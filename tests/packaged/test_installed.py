"""The package in a clean Debian: everything a person does first."""

from __future__ import annotations

import json

import httpx
import pytest
from shipping.layout import VERSION

from tests.packaged.clean_root import HOME
from tests.packaged.conftest import Figures, Installation
from tests.packaged.desk import keeping, showing
from tests.packaged.pictures import drawn_in
from tests.packaged.room import Room
from tests.ports import free_port
from tests.secret_service import files_holding
from tests.waiting import until_now

KEY = "sk-of-a-test-0123456789"


def test_it_says_what_it_is(room: Room) -> None:
    assert room.person("aiproxy-desktop", "--version").well().said == f"aiproxy-desktop {VERSION}\n"
    assert "--data-dir" in room.person("aiproxy-desktop", "--help").well().said
    assert room.left_at_home() == []


def test_the_window_answers_with_the_built_in_model(
    room: Room, libraries: Installation, installation: Installation, figures: Figures
) -> None:
    with showing(room):
        done = room.person("aiproxy-desktop", "--smoke", "first.png").well()
    assert done.said.startswith("answer: ")
    assert done.complained == ""
    drawn_in(room.inside(f"{HOME}/first.png"), "first")
    seconds = installation.seconds + done.seconds
    what = "apt install (no downloads) and the first answer"
    figures.add(f"{what}, with a desktop's libraries", f"{seconds:.0f} s", "60 s")
    figures.add(f"{what}, with nothing but Debian's base", f"{libraries.seconds + seconds:.0f} s", "60 s")


def test_it_answers_without_a_network(room: Room) -> None:
    done = room.person("aiproxy-desktop", "ask", "Say hello.", apart=("--net",)).well()
    assert done.said.strip()
    assert done.complained == ""


def test_a_key_goes_into_the_keyring(room: Room) -> None:
    with keeping(room) as keyring:
        kept = room.person("aiproxy-desktop", "keys", "set", "openai", given=f"{KEY}\n".encode()).well()
        assert "keyring" in kept.said
        assert keyring.lookup("openai") == KEY
        assert "openai     keyring" in room.person("aiproxy-desktop", "keys", "list").well().said
        assert files_holding(room.inside(HOME), KEY) == []
        room.person("aiproxy-desktop", "keys", "remove", "openai").well()
        assert keyring.lookup("openai") is None


@pytest.mark.parametrize("workers", [1, 2])
def test_the_local_api_answers(room: Room, workers: int) -> None:
    port = free_port()
    serving = room.start(
        *("aiproxy-desktop", "serve", "--port", str(port), "--token-file", "token"),
        *("--workers", str(workers)),
    )
    until_now(lambda: f"http://127.0.0.1:{port}" in serving.written or serving.code is not None, "it serves")
    token = room.inside(f"{HOME}/token").read_text().strip()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=300) as client:
        assert client.get("/v1/models").status_code == 401
        client.headers["Authorization"] = f"Bearer {token}"
        models = [row["id"] for row in client.get("/v1/models").raise_for_status().json()["data"]]
        body = {"model": models[0], "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 20}
        answer = client.post("/v1/chat/completions", json=body).raise_for_status().json()
        assert answer["choices"][0]["message"]["content"].strip(), json.dumps(answer)
        assert "<html" in client.get("/demo", follow_redirects=True).text.lower()
    assert serving.end() == 0, serving.written
