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
)


def save(name: str, image: dict[str, Any]) -> None:
    """Write one image to the current folder."""
    path = Path(f"{name}.{image['mime_type'].partition('/')[2]}")
    path.write_bytes(image["data"])
    print(f"{path}: {len(image['data'])} bytes")


async def main(prompt: str = "A red bicycle against a white wall") -> None:
    """Three pictures. Outside of a loop, `OpenAIImageProvider` has `generate` and `edit`, which wait."""
    async with CompletionClient() as client:
        made = await client.generate_image(
            prompt, ImageModel.GPT_IMAGE_2, size=ImageSize.SQUARE, quality=ImageQuality.LOW
        )
        save("made", made["images"])  # one image; a list where `n` asks for several
        if made["cost"] is not None:
            print(f"${made['cost']:.3f}")
        edited = await client.edit_image(made["images"]["data"], "The same by night", quality="low")
        save("edited", edited["images"])
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
