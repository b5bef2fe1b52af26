"""Talk with Gemini Live: say something in writing or from a file, hear the answer from another file.

Needs GEMINI_API_KEY and the extra `live`: pip install "aiproxy-desktop[live]". Sound goes in as a WAV file of
16 kHz, 16 bits, one channel, and comes out as answer.wav with 24 kHz.

    python examples/talk_live.py "What is the weather in Boston?"
    python examples/talk_live.py question.wav
"""

import asyncio
import sys
import wave
from typing import Any

from aiproxy_desktop.core import AIProxyError, GeminiLiveSession

INPUT_RATE, OUTPUT_RATE = 16_000, 24_000
PIECE = INPUT_RATE * 2 // 10  # bytes in a tenth of a second


async def send_file(session: GeminiLiveSession, path: str) -> None:
    """Send a recording as a microphone would: in pieces, no faster than it was spoken."""
    with wave.open(path) as file:
        if (file.getframerate(), file.getsampwidth(), file.getnchannels()) != (INPUT_RATE, 2, 1):
            sys.exit(f"{path} must be of 16 kHz, 16 bits and one channel.")
        sound = file.readframes(file.getnframes())
    sound += bytes(INPUT_RATE * 2)  # a second of silence tells that this was all
    for start in range(0, len(sound), PIECE):
        await session.send_audio(sound[start : start + PIECE])
        await asyncio.sleep(0.1)


async def main(said: str) -> None:
    """One turn each."""
    sound = bytearray()
    over = asyncio.Event()
    failures: list[AIProxyError] = []

    def failed(error: AIProxyError) -> None:
        failures.append(error)
        over.set()

    def transcribed(line: dict[str, Any]) -> None:
        print(f"{line['role']}: {line['text']}")

    session = GeminiLiveSession(
        system_instruction="You are a friendly guide. Be brief.",
        config={"response_modalities": ["AUDIO"], "output_audio_transcription": {}},
    )
    session.on_audio = sound.extend
    session.on_transcript = transcribed
    session.on_turn_complete = lambda _: over.set()
    session.on_error = failed
    async with session:
        if said.endswith(".wav"):
            await send_file(session, said)
        else:
            await session.send_text(said)
        await over.wait()
    if failures:
        raise failures[0]
    with wave.open("answer.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(OUTPUT_RATE)
        file.writeframes(sound)
    print(f"answer.wav: {len(sound) / OUTPUT_RATE / 2:.2f} seconds")


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "Good morning!"))
    except AIProxyError as error:
        sys.exit(str(error))
