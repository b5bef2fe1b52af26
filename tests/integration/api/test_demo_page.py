"""The demo page in a real Chromium: speech in, speech out, and what stands on the page.

It listens to a file in place of a microphone, and speaks through a sound server of the test's own.
"""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.api_parts import TOKEN
from tests.audio_server import AudioServer
from tests.browser import Chromium, browser
from tests.integration.api.live_client import live_api
from tests.live_servers import GeminiLive, LiveServer, OpenAIRealtime
from tests.live_servers.sound import resampled
from tests.sounds import correlations, peak, sounding_ms
from tests.waiting import until

expect.set_options(timeout=60_000)

# Silence before what is said, in seconds: the page listens only after the microphone was opened.
LEAD = 2

HEARD = "When is low tide at Whitby?"
ANSWER = "Low tide is at ten forty in the morning"


async def let_in(page: Page) -> None:
    """Give the page the token that it asks for."""
    await give(page, TOKEN)
    await expect(page.locator("#token-form")).to_be_hidden()


async def give(page: Page, token: str) -> None:
    """Give it one."""
    await page.get_by_label("Token", exact=True).fill(token)
    await page.get_by_role("button", name="Use it").click()


async def the_page_asked_nobody_else(chromium: Chromium, page: Page, url: str) -> None:
    """It kept its policy, and spoke with one server, to which it showed the token in no address."""
    assert await page.evaluate("window.violations") == []
    assert chromium.hosts == {url.removeprefix("http://")}
    assert not [one for one in chromium.asked if TOKEN in one or "?" in one]
    # That a token is wanted is found out by asking without one.
    assert [one for one in chromium.complaints if "401" not in one] == []


def was_said(heard: bytes | bytearray) -> bool:
    """Whether something was said, and then nothing for half a second."""
    return peak(bytes(heard)) > 5_000 and peak(bytes(heard[-16_000:])) < 300


async def test_speech_in_and_speech_out(audio_server: AudioServer) -> None:
    speech = audio_server.speech("When is low tide at Whitby on Saturday?", 48_000)
    async with (
        # Pieces come unevenly, as over a network.
        live_api(echo=True, heard=HEARD, answer=ANSWER, pace=4.0, jitter=0.03) as (api, service),
        browser(microphone=bytes(96_000 * LEAD) + speech + bytes(96_000)) as chromium,
    ):
        page = await chromium.page(f"{api.url}/demo")
        await let_in(page)
        # What is compared is the page's own work, not the browser's cleaning.
        await page.get_by_role("switch", name="Take echo and noise away").uncheck()
        with audio_server.listening() as heard:
            await page.locator("h1").click()
            await page.keyboard.down("Space")
            await expect(page.locator("#talk-title")).to_have_text("Listening. Release to send")
            await expect(page.locator(".turn.user .state")).to_have_text("speaking")
            await until(lambda: was_said(service.connection.buffer), "all is said")
            await page.keyboard.up("Space")
            await expect(page.locator(".turn.user .words")).to_have_text(HEARD)
            await expect(page.locator(".turn.model .words")).to_have_text(ANSWER)
            await expect(page.locator("#talk-title")).to_have_text("Hold to talk")  # all of it was played

        # A busy machine's devices stumble; what they play between is what was said.
        assert correlations(service.turns[0].pcm, resampled(speech, 48_000, 16_000), 16_000)[2] > 0.9
        assert correlations(heard.pcm, resampled(speech, 48_000), 24_000)[2] > 0.8
        await expect(page.locator("#tokens")).to_have_text("65")
        await the_page_asked_nobody_else(chromium, page, api.url)
        await page.get_by_role("button", name="Console").click()
        rows = await page.get_by_label("Messages over the wire").inner_text()
        assert "activity_start" in rows
        assert "of PCM16" in rows
        kept = await page.evaluate("JSON.stringify([localStorage, location, document.cookie])")
        assert TOKEN not in rows + kept
        assert api.log.recent()[-1].client.app == "demo"
    assert service.refusals == []


@pytest.mark.parametrize(("kind", "name"), [(GeminiLive, "Gemini"), (OpenAIRealtime, "The model")])
async def test_cutting_in_and_talking_by_keyboard(
    audio_server: AudioServer, kind: type[LiveServer], name: str
) -> None:
    answer = "Low tide on Saturday is at ten forty and the walk takes forty minutes"
    long = kind(length=40.0, pace=4.0, transcripts="before", answer=answer, heard=HEARD)
    async with (
        live_api(long) as (api, service),
        browser() as chromium,
    ):
        page = await chromium.page(f"{api.url}/demo")
        await let_in(page)
        if kind is OpenAIRealtime:
            await page.get_by_label("Model", exact=True).select_option("other")
            await page.get_by_label("Its name").fill("realtime:gpt-realtime-2.1")
        with audio_server.listening() as heard:
            await page.get_by_label("Message", exact=True).fill("Tell me about the tide")
            await page.keyboard.press("Enter")
            await expect(page.locator("#speaker-words")).to_contain_text("dB")
            talk = page.get_by_role("button", name="Hold to talk")
            await talk.focus()
            await page.keyboard.press("Enter")
            await expect(talk).to_have_attribute("aria-pressed", "true")
            await expect(page.locator(".turn.model .badge")).to_contain_text("You cut in at 0:")
            await expect(page.locator(".unheard")).to_be_visible()
            await until(lambda: service.turns[0].interrupted, "the service was told")
            await until(lambda: len(service.connection.buffer) > 16_000, "half a second is heard")
            service.behave(length=0.2)
            await page.keyboard.press("Enter")
            await expect(page.locator(".turn.user .words").last).to_have_text(HEARD)
            await expect(page.locator(".turn.model .words").last).to_have_text(answer)
            await expect(page.locator("#talk-title")).to_have_text("Hold to talk")
        assert sounding_ms(heard.pcm, 24_000) < 35_000
        turns = await page.locator(".turn .who").all_inner_texts()
        assert turns == ["You", name, "You", name]
        assert [turn.kind for turn in service.turns] == ["text", "speech"]
        await the_page_asked_nobody_else(chromium, page, api.url)
    assert [one for one in service.refusals if not one.startswith("Cancellation failed")] == []


async def test_hands_free_with_what_is_chosen(audio_server: AudioServer) -> None:
    speech = audio_server.speech("Is there a bus back?", 48_000)
    narrow = {"viewport": {"width": 400, "height": 800}, "color_scheme": "dark"}
    async with (
        live_api(heard=HEARD, answer=ANSWER, search=True) as (api, service),
        browser(microphone=bytes(96_000 * LEAD) + speech + bytes(96_000), wanted=narrow) as chromium,
    ):
        page = await chromium.page(f"{api.url}/demo")
        await let_in(page)
        await page.get_by_role("button", name="Settings", exact=True).click()
        await page.get_by_label("Voice").select_option("Kore")
        await page.get_by_label("Language").select_option("de-DE")
        await page.get_by_label("System prompt").fill("Be brief.")
        await page.get_by_role("switch", name="Google Search").check()
        await page.get_by_role("radio", name="Hands-free").check()
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Talk hands-free").click()
        # A microphone that stumbles may make two turns of one.
        await expect(page.locator(".turn.user .words").first).to_have_text(HEARD)
        await expect(page.locator(".turn.model .words").last).to_have_text(ANSWER)
        await expect(page.locator(".note .source").first).to_contain_text("https://example.org/weather")
        await page.get_by_role("button", name="Talk hands-free").click()
        await expect(page.locator("#standing")).to_have_text("Muted")
        await until(lambda: "audioStreamEnd" in str(service.connection.messages[-1]))
        overflow = "document.documentElement.scrollWidth - innerWidth"
        assert await page.evaluate(overflow) <= 0
        await the_page_asked_nobody_else(chromium, page, api.url)

        setup = service.connection.setup
        speaks = setup["generationConfig"]["speechConfig"]
        assert speaks["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"] == "Kore"
        assert speaks["languageCode"] == "de-DE"
        assert setup["systemInstruction"]["parts"] == [{"text": "Be brief."}]
        assert "googleSearch" in str(setup["tools"])
        await page.reload()
        await expect(page.get_by_label("Voice")).to_have_value("Kore")  # and the token is kept, too
        await expect(page.locator("#token-form")).to_be_hidden()
    assert service.refusals == []


async def test_what_is_wrong_is_said_and_can_be_mended() -> None:
    async with live_api(fault="model", times=1, written=True) as (api, service), browser() as chromium:
        page = await chromium.page(f"{api.url}/demo")
        problem = page.get_by_role("alert")
        await give(page, "of-another-server-0123456789")
        await expect(problem).to_contain_text("That is not this server’s token.")
        await let_in(page)
        await expect(problem).to_be_hidden()
        await page.get_by_label("Message", exact=True).fill("Good morning")
        await page.keyboard.press("Enter")
        await expect(problem).to_contain_text("does not have this model")
        await expect(page.get_by_label("Message", exact=True)).to_have_value(
            "Good morning"
        )  # nothing is lost
        await page.keyboard.press("Enter")
        await expect(page.locator(".turn.model .words")).to_contain_text("Hello from loopback")
        await expect(problem).to_be_hidden()
        service.drop()
        await expect(page.locator(".line")).to_contain_text("Reconnected at 0:")
        await page.get_by_role("button", name="End session").click()
        await expect(page.locator("#standing")).to_have_text("Ended")
        assert await page.evaluate(_RESAMPLING) == {"kept": 1, "folded": 0, "whole": True}
    assert [turn.text for turn in service.turns] == ["Good morning"]


# A tone that fits within 16 kHz is kept, one that does not is gone, and pieces make the same as the whole.
_RESAMPLING = """async () => {
  const { Resampler } = await import("/demo/resample.js");
  const sine = (hertz, rate) => (_, n) => Math.sin((2 * Math.PI * hertz * n) / rate);
  const tone = (hertz, rate) => Float32Array.from({ length: rate }, sine(hertz, rate));
  const loudest = (sound) => sound.slice(1000, -1000).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  const made = (hertz, rate) => new Resampler(rate, 16000).process(tone(hertz, rate));
  const sound = tone(1000, 44100);
  const pieces = new Resampler(44100, 16000);
  const parted = [];
  for (let at = 0; at < sound.length; at += 128) parted.push(...pieces.process(sound.slice(at, at + 128)));
  const whole = new Resampler(44100, 16000).process(sound);
  return {
    kept: Number(loudest(made(1000, 48000)).toFixed(2)),
    folded: Number(loudest(made(11000, 48000)).toFixed(2)),
    whole: parted.length === whole.length && parted.every((one, at) => one === whole[at]),
  };
}"""
