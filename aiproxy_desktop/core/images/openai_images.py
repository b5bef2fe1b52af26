"""Images by OpenAI and servers that speak like it: the seed's OpenAIImageProvider."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec

from aiproxy_desktop.core.blocking import run_blocking
from aiproxy_desktop.core.completions import BaseCompletions
from aiproxy_desktop.core.credentials import EnvironmentCredentials, StaticCredentials, key_of
from aiproxy_desktop.core.endpoints import is_loopback, parse_base_url, split_url
from aiproxy_desktop.core.errors import InvalidRequestError, ProtocolError, UnsupportedError
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModel, ImageModelFacts, image_model_facts
from aiproxy_desktop.core.images.requests import image_fields
from aiproxy_desktop.core.media import sniff
from aiproxy_desktop.core.messages import MediaLink
from aiproxy_desktop.core.multipart import FormFile, write_form
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.timeouts import Timeouts
from aiproxy_desktop.core.wire_json import decode_json, encode_json

_ID, _LABEL = "openai", "OpenAI"
_DEFAULT_URL = "https://api.openai.com/v1"

# A picture takes minutes, and comes at once; ten of the largest are some 200 MB of base64.
_TIMEOUTS = Timeouts(idle=600.0)
_MOST_BYTES = 256 * 1024 * 1024
_MOST_EDITED = 16
_MOST_IMAGE_BYTES = 50 * 1024 * 1024
_MOST_MASK_BYTES = 4 * 1024 * 1024
_EDITABLE = frozenset({"image/png", "image/webp", "image/jpeg"})

_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class OpenAIImageProvider(BaseCompletions):
    """Generates and edits images; which model does it is always said.

    `generate` and `edit` wait for the answer; `generate_async` and `edit_async` are for a running loop.
    """

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        """Nothing is checked or sent yet.

        Args:
            api_key: by default OPENAI_API_KEY at each call, or that of the vendor whose host `base_url`
                names; another server is asked without a key, never with OpenAI's.
            base_url: by default OPENAI_BASE_URL, else OpenAI's own.
        """
        self._credentials: Credentials = (
            EnvironmentCredentials(os.environ) if api_key is None else StaticCredentials({_ID: api_key})
        )
        self._key_owner = _ID
        if api_key is None and base_url is not None:
            from aiproxy_desktop.core.providers.openai.vendors import key_owner

            self._key_owner = key_owner(base_url)
        self._base_url = base_url

    async def create_completion(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Image models complete no text.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("Image models do not complete text", "Call generate() or edit().", part="text")

    def list_models(self) -> list[dict[str, Any]]:
        """The image models known here: id, capabilities (sizes, features, qualities …), retired_on."""
        return [_entry(facts) for facts in IMAGE_MODELS]

    def generate(self, model: str | ImageModel, prompt: str, **options: Any) -> dict[str, Any]:
        """Images for a prompt; see `generate_async`. Blocks until they are there."""
        return run_blocking(lambda: self.generate_async(model, prompt, **options))

    def edit(
        self,
        image: bytes | str | Sequence[bytes | str],
        prompt: str,
        mask: bytes | str | None = None,
        model: str | ImageModel = ImageModel.GPT_IMAGE_2,
        **options: Any,
    ) -> dict[str, Any]:
        """An image changed as the prompt says; see `edit_async`. Blocks until it is there."""
        return run_blocking(lambda: self.edit_async(image, prompt, mask, model, **options))

    async def generate_async(self, model: str | ImageModel, prompt: str, **options: Any) -> dict[str, Any]:
        """Images for a prompt.

        Args:
            model: which model; always said.
            prompt: what to show.
            **options: size, quality, style, n and the request's own fields (background, output_format,
                output_compression, moderation, user …).

        Returns:
            model, created, images (one {"data": bytes, "mime_type", "revised_prompt"}, or a list of several),
            usage (None where the service did not say) and notes on what the model does not take.

        Raises:
            AIProxyError: and nothing else.
        """
        name = _text(model)
        fields, notes = image_fields(name, prompt, options)
        body = encode_json({"model": name, "prompt": prompt, **fields})
        return _result(name, notes, *await self._post("/images/generations", "application/json", body))

    async def edit_async(
        self,
        image: bytes | str | Sequence[bytes | str],
        prompt: str,
        mask: bytes | str | None = None,
        model: str | ImageModel = ImageModel.GPT_IMAGE_2,
        **options: Any,
    ) -> dict[str, Any]:
        """One image (or up to 16) changed as the prompt says.

        Args:
            image: PNG, WebP or JPEG, in bytes or base64.
            prompt: what to change.
            mask: a PNG of the first image's size; it is changed where the mask is transparent.
            model: which model.
            **options: as `generate_async`.

        Returns:
            As `generate_async`.

        Raises:
            AIProxyError: and nothing else.
        """
        name = _text(model)
        facts = image_model_facts(name)
        if facts is not None and not facts.edits:
            able = tuple(f"{_ID}:{one.id}" for one in IMAGE_MODELS if one.edits and one.retired_on is None)
            raise UnsupportedError(
                f"{name} does not edit images", f"{', '.join(able[:3])} do.", part="edit", alternatives=able
            )
        fields, notes = image_fields(name, prompt, options)
        images = [image] if isinstance(image, bytes | str) else list(image)
        form = [("model", name), ("prompt", prompt), *((key, _form_text(fields[key])) for key in fields)]
        field = "image" if len(images) == 1 else "image[]"
        content_type, body = write_form([*form, *_files(field, images), *_mask(mask)])
        return _result(name, notes, *await self._post("/images/edits", content_type, body))

    async def _post(
        self, path: str, content_type: str, body: bytes
    ) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
        """The answer, and its images."""
        key = await key_of(self._credentials, self._key_owner, _LABEL, required=self._base_url is None)
        chosen = self._base_url or os.environ.get("OPENAI_BASE_URL", "").strip() or _DEFAULT_URL
        headers = {"content-type": content_type, "accept": "application/json"}
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        url = parse_base_url(chosen) + path
        # A client of its own: the loop may be one that lives for this call alone.
        http = HttpClient()
        try:
            call = HttpCall(_ID, _LABEL, "POST", url, headers, body, key, _TIMEOUTS)
            answer = decode_json(_any_decoder, await http.fetch(call, _MOST_BYTES))
            rows = answer.get("data") if isinstance(answer, Mapping) else None
            if not isinstance(rows, list) or not rows:
                raise ProtocolError(
                    f"{_LABEL} sent an answer without images", "Check the base address.", provider=_ID
                )
            # A server on this machine may keep its images there, too.
            fetcher = MediaFetcher(http, allow_private=is_loopback(split_url(url).hostname or ""))
            return answer, [await _image(row, fetcher) for row in rows]
        finally:
            await http.aclose()


def _text(value: str | Enum) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _form_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _files(field: str, images: Sequence[bytes | str]) -> list[tuple[str, FormFile]]:
    if not 1 <= len(images) <= _MOST_EDITED:
        raise InvalidRequestError(
            f"{len(images)} images cannot be edited at once", f"Give 1 to {_MOST_EDITED}."
        )
    files = []
    for number, image in enumerate(images, 1):
        data = _bytes_of(image, f"Image {number}", _MOST_IMAGE_BYTES)
        mime = sniff(data)
        if mime not in _EDITABLE:
            raise InvalidRequestError(f"Image {number} cannot be edited", "It must be PNG, WebP or JPEG.")
        files.append((field, FormFile(f"image-{number}.{mime.partition('/')[2]}", mime, data)))
    return files


def _mask(mask: bytes | str | None) -> list[tuple[str, FormFile]]:
    if mask is None:
        return []
    data = _bytes_of(mask, "The mask", _MOST_MASK_BYTES)
    if sniff(data) != "image/png":
        raise InvalidRequestError("The mask is not a PNG", "Save it as one, transparent where to edit.")
    return [("mask", FormFile("mask.png", "image/png", data))]


def _bytes_of(value: bytes | str, what: str, most: int) -> bytes:
    if isinstance(value, str):
        try:
            value = base64.b64decode(value.rpartition("base64,")[2], validate=True)
        except (binascii.Error, ValueError):
            raise InvalidRequestError(f"{what} is not base64", "Give its bytes, or base64 of them.") from None
    if len(value) > most:
        raise InvalidRequestError(f"{what} is too large", f"At most {most // 1024**2} MB can be sent.")
    return value


def _result(
    model: str,
    notes: Sequence[dict[str, str]],
    answer: Mapping[str, Any],
    images: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "model": model,
        "created": answer.get("created"),
        "images": images[0] if len(images) == 1 else list(images),
        "usage": answer.get("usage"),
        "notes": list(notes),
    }


async def _image(row: Any, fetcher: MediaFetcher) -> dict[str, Any]:
    fields: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
    entry: dict[str, Any] = {"revised_prompt": fields.get("revised_prompt")}
    encoded, url = fields.get("b64_json"), fields.get("url")
    if isinstance(url, str) and not encoded:
        # Some compatible servers give an address although the bytes were asked for.
        found = await fetcher.fetch(MediaLink("image", url))
        return {"data": found.data, "mime_type": found.mime, "url": url, **entry}
    try:
        data = base64.b64decode(encoded or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        data = b""
    if not data:
        raise ProtocolError(f"{_LABEL} sent an image that cannot be read", "Try again.", provider=_ID)
    return {"data": data, "mime_type": sniff(data) or "application/octet-stream", **entry}


def _entry(facts: ImageModelFacts) -> dict[str, Any]:
    return {
        "id": facts.id,
        "provider": _ID,
        "capabilities": {
            "sizes": list(facts.sizes),
            "qualities": list(facts.qualities),
            "features": list(facts.features),
            "max_prompt": facts.max_prompt,
            "max_images": facts.most_images,
        },
        "retired_on": facts.retired_on.isoformat() if facts.retired_on else None,
    }
