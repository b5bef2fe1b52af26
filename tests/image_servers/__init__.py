"""Image services on loopback that return real pictures, made from what they were sent.

    async with OpenAIImages() as server:
        ...  # talk to f"{server.url}/v1"
        assert server.requests[0].prompt == "A red boat"
        assert not server.refusals

    async with GeminiImages(fault="IMAGE_SAFETY") as server:
        ...  # talk to server.url

`Behaviour` lists what can be asked for. By hand: `python -m tests.image_servers`.
"""

from __future__ import annotations

from tests.image_servers.base import ImageCall
from tests.image_servers.behaviour import Behaviour
from tests.image_servers.gemini import GeminiImages
from tests.image_servers.openai import OpenAIImages
from tests.image_servers.painting import colour_of, picture

__all__ = ["Behaviour", "GeminiImages", "ImageCall", "OpenAIImages", "colour_of", "picture"]
