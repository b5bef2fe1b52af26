"""Which image models are on offer, from providers' states and what they list."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from aiproxy_desktop.core.images.models import IMAGE_MODELS
from tests.image_servers import GeminiImages, OpenAIImages
from tests.unit.services.images.desk import Desk, desk_in, gemini_at, openai_at


def offered(desk: Desk, provider: str) -> list[str]:
    return [offer.model for offer in desk.images.models.all if offer.provider == provider]


async def test_an_empty_account_sees_what_openai_has_and_what_it_needs(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {}) as desk:
        told: list[int] = []
        desk.images.models.changed.add(lambda: told.append(len(desk.images.models.all)))
        today = datetime.now(UTC).date()
        there = [
            facts.id
            for facts in IMAGE_MODELS
            if facts.maker == "openai" and (facts.retired_on is None or facts.retired_on > today)
        ]
        assert offered(desk, "openai") == there
        await desk.runtime.providers.refresh()
        assert told
        offers = desk.images.models.all
        assert {offer.provider for offer in offers} == {"openai", "gemini"}
        assert not any(offer.ready for offer in offers)
        assert offers[0].why.startswith("OpenAI: No key.")
        assert desk.images.models.default is None
        over = desk.images.models.offer_for("openai:dall-e-2")
        assert over is not None
        assert (over.ready, over.ended) == (False, True)
        assert "has ended" in over.why
        assert desk.images.models.offer_for("builtin:smollm2-135m") is None
        assert desk.images.models.offer_for("nobody:gpt-image-2") is None
        assert desk.images.models.offer_for("") is None


async def test_a_compatible_server_has_what_its_list_names_and_what_is_typed(tmp_path: Path) -> None:
    async with (
        OpenAIImages(models=("gpt-image-2", "dall-e-3", "some-text-model")) as server,
        desk_in(tmp_path, openai_at(server.url)) as desk,
    ):
        endpoint = await desk.runtime.providers.add_endpoint("Lab", f"{server.url}/v1")
        await desk.runtime.providers.refresh()
        models = desk.images.models
        assert offered(desk, "openai") == ["gpt-image-2", "dall-e-3"]
        assert offered(desk, endpoint.id) == ["gpt-image-2", "dall-e-3"]
        retired = models.offer_for(f"{endpoint.id}:dall-e-3")
        assert retired is not None
        assert (retired.ready, retired.ended, retired.retires_on) == (True, False, None)
        typed = models.offer_for(f"{endpoint.id}:flux-1-schnell")
        assert typed is not None
        assert (typed.ready, typed.facts, typed.model, typed.provider_label) == (
            *(True, None),
            *("flux-1-schnell", "Lab"),
        )
        assert models.default is not None
        assert models.default.reference == "openai:gpt-image-2"
        await models.note_used(typed.reference, {"size": "512x512", "n": 2, "odd": [1], "long": "x" * 999})

    async with desk_in(tmp_path, openai_at("http://127.0.0.1:1")) as later:
        assert later.images.models.last_options == {"size": "512x512", "n": 2}
        assert later.images.models.default is not None
        assert later.images.models.default.reference == typed.reference
        change = {"quality": "high", "size": "64x64", "partial_images": 0}
        await later.images.models.note_used(typed.reference, change, editing=True)
        assert later.images.models.last_options == {"size": "512x512", "quality": "high"}
        habits = later.images.habits
        await habits.keep_gallery(220, "oldest")
        await habits.keep_draft("edit", "A red boat")
        await habits.keep_draft("generate", "  ")

    async with desk_in(tmp_path, openai_at("http://127.0.0.1:1")) as again:
        habits = again.images.habits
        assert (habits.gallery_side, habits.gallery_order) == (220, "oldest")
        assert (habits.draft("edit"), habits.draft("generate")) == ("A red boat", "")


async def test_the_best_that_is_ready_is_the_first_choice(tmp_path: Path) -> None:
    async with GeminiImages() as server, desk_in(tmp_path, gemini_at(server.url)) as desk:
        await desk.runtime.providers.refresh()
        default = desk.images.models.default
        assert default is not None
        assert default.provider == "gemini"
        assert default.facts is not None
        assert default.facts.maker == "gemini"
