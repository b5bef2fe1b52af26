"""Where a model runs, told from its provider's address."""

from __future__ import annotations

import pytest

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.model_places import place_of


@pytest.mark.parametrize(
    ("base_url", "place"),
    [
        ("http://127.0.0.1:11434", "computer"),
        ("http://localhost:1234/v1", "computer"),
        ("http://[::1]:8000/v1", "computer"),
        ("http://api.localhost/v1", "computer"),
        ("http://192.168.1.20:11434", "network"),
        ("http://10.0.0.3:8000/v1", "network"),
        ("http://100.100.3.4:11434", "network"),
        ("http://169.254.10.2/v1", "network"),
        ("http://[fe80::1]:11434", "network"),
        ("http://[fd00::2]/v1", "network"),
        ("http://server:11434", "network"),
        ("http://box.local:11434", "network"),
        ("http://box.LAN./v1", "network"),
        ("http://box.home.arpa/v1", "network"),
        ("https://api.openai.com/v1", "cloud"),
        ("https://8.8.8.8/v1", "cloud"),
        ("https://notlocal/v1.local", "network"),
        ("https://example.com/v1.local", "cloud"),
        ("box.local:11434", "network"),
        ("", "cloud"),
        ("http://[broken", "cloud"),
    ],
)
def test_the_address_tells(base_url: str, place: str) -> None:
    assert place_of(ModelInfo("m", "server", "m", local=False), base_url) == place


def test_the_built_in_model_runs_here() -> None:
    assert place_of(ModelInfo("m", "builtin", "m", local=True), "") == "computer"


def test_what_ollama_passes_on_to_its_cloud_runs_there() -> None:
    passed_on = ModelInfo("glm:cloud", "ollama", "glm", local=False)
    assert place_of(passed_on, "http://127.0.0.1:11434") == "cloud"
    other = ModelInfo("glm:cloud", "attic", "glm", local=False)
    assert place_of(other, "http://attic:11434", "ollama") == "cloud"
    assert place_of(ModelInfo("m", "attic", "m", local=True), "http://attic:11434", "ollama") == "network"
