"""`GET /api/live/models`: whom one can talk with, as a page shows it."""

from __future__ import annotations

from aiproxy_desktop.services.local_api.names import ModelNames
from tests.integration.api.live_client import live_api


async def test_what_can_be_talked_with_is_told_best_first() -> None:
    async with live_api() as (api, _service), api.http() as http:
        told = (await http.get("/api/live/models")).json()
        assert [one["id"] for one in told["data"]] == [
            "gemini:gemini-3.8-live",
            "gemini:gemini-3.1-flash-live-preview",  # in no table: as the best of its vendor
        ]
        for one in told["data"]:
            assert (one["provider"], one["label"], one["sampleRate"]) == ("gemini", "Gemini", 16_000)
            assert "Kore" in one["voices"]
            assert "de-DE" in one["languages"]
            assert one["google_search"] is True


async def test_what_is_not_offered_is_not_told() -> None:
    names = ModelNames(offered=frozenset({"gemini:gemini-3.1-flash-live-preview"}))
    async with live_api(names=names) as (api, _service), api.http() as http:
        told = (await http.get("/api/live/models")).json()
        assert [one["name"] for one in told["data"]] == ["gemini-3.1-flash-live-preview"]
        assert (await http.get("/api/live/models", headers={"Authorization": "no"})).status_code == 401
