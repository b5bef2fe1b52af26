"""The package without a model: it takes the other's place, says what is missing, and runs a model one has."""

from __future__ import annotations

from shipping.layout import FROZEN

from tests.packaged.clean_root import HOME, PERSON
from tests.packaged.conftest import put
from tests.packaged.debs import built
from tests.packaged.room import Room


def test_without_the_model(room: Room) -> None:
    room.root("apt-get", "install", "-y", put(room, built(slim=True)))
    listed = room.root(
        "dpkg-query", "--show", "--showformat=${Package} ${db:Status-Abbrev}\n", "aiproxy-desktop*"
    )
    assert "aiproxy-desktop-slim ii" in listed.said
    assert "aiproxy-desktop ii" not in listed.said
    assert room.person("aiproxy-desktop", "--version").well().said
    refused = room.person("aiproxy-desktop", "ask", "Say hello.")
    assert refused.code == 1
    assert refused.complained.count("\n") == 1, refused.complained

    models = f"{HOME}/.local/share/aiproxy-desktop/models"
    room.person("mkdir", "-p", models).well()
    (model,) = FROZEN.rglob("*.gguf")
    room.let_in(model, f"{models}/own.gguf")
    room.root("chown", f"{PERSON}:{PERSON}", models)
    told = room.person("aiproxy-desktop", "models").well().said
    assert "own" in told
    assert room.person("aiproxy-desktop", "ask", "-m", "builtin:own.gguf", "Say hello.").well().said.strip()
