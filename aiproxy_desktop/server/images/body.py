"""What is asked for by `/v1/images/…`, read from JSON or from a form.

The fields are those of openai-python 3.57.0 (`image_generate_params`, `image_edit_params`) and Gemini's
`aspect_ratio` and `image_size`. Which of them a model takes, and which values, is the core's to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.images.inputs import bytes_of, image_input
from aiproxy_desktop.core.images.values import ImageInput
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.server.clients import NO_PROVIDERS
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.field_types import check_types, kinds
from aiproxy_desktop.server.images.forms import Form

MOST_IMAGES = 16

# What is no option of the model's: read here, or labels of the client.
_OURS = frozenset(
    {"model", "prompt", "stream", "response_format", "image", "images", "mask", "provider"}
    | {"self", "client_context"}
    | NO_PROVIDERS
)
_KINDS = kinds(
    text="size quality background output_format moderation style user safety_identifier input_fidelity "
    "aspect_ratio image_size response_format",
    whole="n output_compression partial_images",
    flag="stream",
)
_WHOLE_NUMBERS = ("n", "output_compression", "partial_images")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImageAsk:
    """A request for images.

    Attributes:
        prompt: what to show, or what to change.
        options: the model's, by OpenAI's or Gemini's names.
        stream: whether events are wanted.
        as_url: whether images shall come as addresses, which here are data URLs.
        images: to be changed; none where images are to be made.
        mask: what to change of the first one.
    """

    prompt: str
    options: Mapping[str, Any]
    stream: bool = False
    as_url: bool = False
    images: tuple[ImageInput, ...] = ()
    mask: bytes | None = field(default=None, repr=False)


def read_generation(body: Mapping[str, Any]) -> ImageAsk:
    """A request to make images.

    Raises:
        Refusal: a field is wrong; which one, and what to give.
    """
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise Refusal(400, "There is no prompt. Say what the image shall show.", param="prompt")
    check_types(body, _KINDS)
    compression = body.get("output_compression")
    if compression is not None and not 0 <= compression <= 100:
        raise Refusal(400, "The field “output_compression” goes from 0 to 100.", param="output_compression")
    stream = body.get("stream")
    wanted = body.get("response_format")
    if wanted not in {None, "b64_json", "url"}:
        raise Refusal(
            400, "The field “response_format” takes b64_json and url. Give one.", param="response_format"
        )
    if body.get("partial_images") and not stream:
        raise Refusal(
            400,
            "Unfinished images come only in a stream. Set “stream” to true, or leave out “partial_images”.",
            param="partial_images",
        )
    options = {name: value for name, value in body.items() if name not in _OURS and value is not None}
    return ImageAsk(prompt, options, bool(stream), wanted == "url")


async def read_edit(body: Mapping[str, Any], client: CompletionClient) -> ImageAsk:
    """A request to change images; those that are named by an address are fetched.

    Args:
        body: `image` (bytes, base64 or a data URL, an address; or several) or `images` (objects with an
            `image_url`), `mask` likewise, and what a request to make images holds.
        client: what fetches.

    Raises:
        Refusal: a field is wrong; which one, and what to give.
        AIProxyError: an image is none, or could not be had.
    """
    asked = read_generation(body)
    given = _listed(body.get("images", body.get("image")))
    if not given:
        raise Refusal(400, "There is no image to edit. Send at least one as “image”.", param="image")
    if len(given) > MOST_IMAGES:
        raise Refusal(400, f"There are {len(given)} images. Send at most {MOST_IMAGES}.", param="image")
    sources = [_source(one, "image") for one in given]
    images: list[ImageInput] = []
    for number, source in enumerate(sources, 1):
        images.append(await _image(source, number, client))
    mask = body.get("mask")
    shape = None if mask is None else await _mask(_source(mask, "mask"), client)
    return ImageAsk(asked.prompt, asked.options, asked.stream, asked.as_url, tuple(images), shape)


def body_of_form(form: Form) -> dict[str, Any]:
    """A form as the JSON body that says the same, files as bytes.

    Raises:
        Refusal: a field holds no number or no truth value where one belongs, or a file that nobody takes.
    """
    body: dict[str, Any] = dict(form.fields)
    for name in _WHOLE_NUMBERS:
        if name in body:
            body[name] = _whole_number(name, form.fields[name])
    if "stream" in body:
        said = form.fields["stream"].strip().lower()
        if said not in {"true", "false", "1", "0"}:
            raise Refusal(400, "The field “stream” is neither true nor false.", param="stream")
        body["stream"] = said in {"true", "1"}
    images: list[Any] = []
    for name, file in form.files:
        kind = name.partition("[")[0]
        if kind == "image":
            images.append(file.data)
        elif kind == "mask":
            body["mask"] = file.data
        else:
            raise Refusal(
                400, f"The file “{name[:60]}” has no use here. Send “image” and “mask”.", param=name[:60]
            )
    images += [body.pop(name) for name in list(body) if name.startswith("image[")]
    return body | {"image": images} if images else body


def _whole_number(name: str, text: str) -> int:
    try:
        return int(text, 10)
    except ValueError:
        raise Refusal(400, f"The field “{name}” is no whole number.", param=name) from None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]


def _source(value: Any, param: str) -> bytes | str:
    """Where an image stands: its bytes, base64 of them, a data URL or an address."""
    if isinstance(value, Mapping):
        if value.get("file_id") is not None:
            raise Refusal(400, "No files are kept here. Send the image itself as “image_url”.", param=param)
        value = value.get("image_url", value.get("url", value.get("b64_json")))
        if isinstance(value, Mapping):
            value = value.get("url")
    if isinstance(value, bytes | str) and value:
        return value
    raise Refusal(
        400, f"The field “{param}” holds no image. Send a file, a data URL or an address.", param=param
    )


async def _image(source: bytes | str, number: int, client: CompletionClient) -> ImageInput:
    if isinstance(source, str) and _ADDRESS.match(source):
        return await client.load_image(source, number)
    return await on_thread(lambda: image_input(source, number), "read-image")


async def _mask(source: bytes | str, client: CompletionClient) -> bytes:
    if isinstance(source, str) and _ADDRESS.match(source):
        return (await client.load_image(source)).data
    return await on_thread(lambda: bytes_of(source, "The mask"), "read-mask")
