"""Ask about pictures, sounds, films and documents.

Needs a model that takes them; which one of those at hand does is found out by asking, if none is named.

    python examples/see_and_hear.py "What is in these?" photo.jpg talk.mp3 paper.pdf
    python examples/see_and_hear.py --model gemini-flash-latest "Sum this up." https://example.org/paper.pdf
"""

import argparse
import asyncio
import mimetypes
import sys
from pathlib import Path
from typing import Any

from aiproxy_desktop.core import AIProxyError, CompletionClient

# What each kind of file is called in a message, and in the requirements for a model.
KINDS = {"image": ("image_url", "vision"), "audio": ("audio_url", "audio"), "video": ("video", "video")}


def part(place: str) -> tuple[dict[str, Any], str]:
    """A file as a part of a message, and what a model must be able to take."""
    mime = mimetypes.guess_type(place)[0] or ""
    kind, needs = KINDS.get(mime.partition("/")[0], ("document", "documents"))
    if not place.startswith(("https://", "http://", "data:")):
        place = str(Path(place).resolve())  # a path must be a whole one
    return {"type": kind, kind: {"url": place}}, needs


async def main(question: str, places: list[str], model: str | None) -> None:
    """Choose a model where none is named, see whether it takes the request, ask it."""
    found = [part(place) for place in places]
    content = [{"type": "text", "text": question}, *(one for one, _ in found)]
    messages = [{"role": "user", "content": content}]
    async with CompletionClient() as client:
        if model is None:
            best = await client.find_best_model({needs: True for _, needs in found})
            if best is None:
                sys.exit("No model at hand takes all of these.")
            print(best["explanation"])
            model = best["id"]
        for problem in await client.check(model=model, messages=messages):  # sends and loads nothing
            print(f"{problem.title}. {problem.advice}")
            if problem.refused:  # create_completion would raise UnsupportedError
                sys.exit(1)
        answer = await client.create_completion(messages, model)
    print(answer["choices"][0]["message"]["content"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("question")
    parser.add_argument("places", nargs="+", metavar="FILE", help="a path or an address")
    parser.add_argument("--model")
    given = parser.parse_args()
    try:
        asyncio.run(main(given.question, given.places, given.model))
    except AIProxyError as error:
        sys.exit(str(error))
