"""Make a picture, change it, and let a chat model draw one.

Needs OPENAI_API_KEY; for the last picture GEMINI_API_KEY, without which it is left out.

    python examples/make_images.py "A red bicycle against a white wall"
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from aiproxy_desktop.core import (
    AIProxyError,
    CompletionClient,
    ImageModel,
    ImageQuality,
    ImageSize,
    MissingKeyError,
    OpenAIImageProvider,
)


def save(name: str, image: dict[str, Any]) -> None:
    """Write one image to the current folder."""
    path = Path(f"{name}.{image['mime_type'].partition('/')[2]}")
    path.write_bytes(image["data"])
    print(f"{path}: {len(image['data'])} bytes")


async def main(prompt: str = "A red bicycle against a white wall") -> None:
    """Three pictures. Outside of a loop, `generate` and `edit` do the same and wait."""
    provider = OpenAIImageProvider()
    made = await provider.generate_async(
        ImageModel.GPT_IMAGE_2, prompt, size=ImageSize.SQUARE, quality=ImageQuality.LOW
    )
    save("made", made["images"])  # one image; a list where `n` asks for several
    edited = await provider.edit_async(made["images"]["data"], "The same by night", quality="low")
    save("edited", edited["images"])

    async with CompletionClient() as client:
        try:
            drawn = await client.create_completion(
                [{"role": "user", "content": prompt}], "gemini-3.1-flash-image", return_images=True
            )
        except MissingKeyError as error:
            print(error)
            return
        images = drawn["images"] or []
        for number, image in enumerate(images if isinstance(images, list) else [images], 1):
            save(f"drawn-{number}", image)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:2]))
    except AIProxyError as error:
        sys.exit(str(error))
