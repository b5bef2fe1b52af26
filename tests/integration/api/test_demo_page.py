"""The demo page in a real Chromium: speech in, speech out, and what stands on the page."""

from __future__ import annotations

from playwright.async_api import expect

from tests.api_parts import TOKEN
from tests.audio_server import AudioServer
from tests.browser import browser
from tests.integration.api.live_client import live_api
from tests.live_servers.sound import resampled
from tests.sounds import correlation, sounding_ms
from tests.waiting import until

expect.set_options(timeout=60_000)

HEARD = "When is low tide at Whitby?"
ANSWER = "Low tide is at ten forty in the morning"


async def test_speech_in_speech_out(audio_server: AudioServer) -> None:
    speech = audio_server.speech("When is low tide at Whitby on Saturday?", 48_000)
    async with (
        live_api(echo=True, heard=HEARD, answer=ANSWER) as (api, service),
        browser(microphone=speech) as chromium,
    ):
        page = await chromium.page(f"{api.url}/demo")
        await page.get_by_label("Token", exact=True).fill(TOKEN)
        await page.get_by_role("button", name="Use it").click()
        # What is measured is the page's own work, not the browser's cleaning.
        await page.get_by_role("switch", name="Take echo and noise away").uncheck()
        with audio_server.listening() as heard:
            await page.locator("h1").click()
            await page.keyboard.down("Space")
            await expect(page.locator("#talk-title")).to_have_text("Listening. Release to send")
            await until(
                lambda: sounding_ms(bytes(service.connection.buffer), 16_000) > len(speech) / 96 * 0.9
            )
            await page.wait_for_timeout(300)
            await page.keyboard.up("Space")
            await expect(page.locator(".turn.user .words")).to_have_text(HEARD)
            await expect(page.locator(".turn.model .words")).to_have_text(ANSWER)
            await expect(page.locator("#talk-title")).to_have_text("Hold to talk")

        said = resampled(speech, 48_000, 16_000)
        print(
            "IN",
            correlation(service.turns[0].pcm, said, 16_000),
            len(service.turns[0].pcm) / 32000,
            len(speech) / 96000,
        )
        spoken = resampled(speech, 48_000)
        print("OUT", correlation(heard.pcm, spoken, 24_000), len(heard.pcm) / 48000)
        print(await page.evaluate("window.violations"), chromium.complaints, chromium.asked)
        print(api.log.recent())
    assert service.refusals == []
