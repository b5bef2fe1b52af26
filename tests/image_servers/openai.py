"""OpenAI's image service: generations, edits, streams of both, a list of models."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from PIL import Image, UnidentifiedImageError

from tests.image_servers import openai_rules as rules
from tests.image_servers.base import ImageCall, ImageServer, RefusedRequestError, read_json, sse
from tests.image_servers.behaviour import spoiled
from tests.image_servers.forms import BadFormError, FormPart, read_form
from tests.image_servers.painting import edited, encoded, generated, hole_of, picture, preview
from tests.wire import Exchange, Reply

_NUMBERS = {"n", "output_compression", "partial_images"}
_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_CREATED = 1_795_000_000


class OpenAIImages(ImageServer):
    """Speaks OpenAI's images below any base path: `…/images/generations`, `…/images/edits`, `…/models`.

    A model that OpenAI does not have is taken with whatever is given.
    """

    def __init__(self, *args: Any, models: Sequence[str] = rules.MODELS, **changed: Any) -> None:
        super().__init__(*args, **changed)
        self.models = tuple(models)
        self._kept: dict[str, bytes] = {}

    def _other(self, exchange: Exchange) -> Reply | None:
        path = exchange.path.partition("?")[0]
        if exchange.method == "GET" and path.endswith("/models"):
            rows = [
                {"id": name, "object": "model", "created": 1, "owned_by": "system"} for name in self.models
            ]
            return Reply.json({"object": "list", "data": rows})
        if exchange.method == "GET" and path in self._kept:
            return Reply(200, "image/png", (self._kept[path],))
        if exchange.method == "POST" and path.endswith(("/images/generations", "/images/edits")):
            return None
        return Reply.json(self._error(404, f"Invalid URL ({exchange.method} {path})", "not_found"), 404)

    def _read(self, exchange: Exchange) -> ImageCall:
        path = exchange.path.partition("?")[0]
        edit = path.endswith("/images/edits")
        images: tuple[bytes, ...] = ()
        mask = None
        if edit:
            given, images, mask = _read_edit(exchange)
        else:
            given = read_json(exchange)
        rules.check(given, edit=edit)
        model, prompt = str(given.pop("model", "")), str(given.pop("prompt"))
        streamed = given.pop("stream", False) is True
        key = exchange.headers.get("authorization", "").removeprefix("Bearer ")
        key = key or exchange.headers.get("api-key", "")
        return ImageCall(
            model, prompt, given, images, mask, edit, streamed, key, exchange.path, exchange.closed
        )

    def _answer(self, call: ImageCall, fault: str) -> Reply:
        if fault == "refusal":
            words = "Your request was rejected by the safety system. safety_violations=[violence]."
            refused = self._error(400, words, "moderation_blocked")
            refused["error"]["type"] = "image_generation_user_error"
            return Reply.json(refused, 400)
        pictures = [self._paint(call, number) for number in range(call.fields.get("n", 1))]
        kind = call.fields.get("output_format", "png")
        quality = call.fields.get("output_compression")
        images = [spoiled(fault, encoded(one, kind, quality)) for one in pictures]
        usage = _usage(call, pictures)
        if call.streamed:
            return self._stream(call, fault, pictures, images, usage)
        if fault == "disconnect":
            return Reply(200, "application/json", (b'{"created": 1, "data": [',), ending="abort")
        if fault == "silent":
            return Reply(200, "application/json", (b'{"created": 1, "data": [',), ending="silence")
        rows = [self._row(image, number, fault) for number, image in enumerate(images)]
        body: dict[str, Any] = {"created": _CREATED, "data": [] if fault == "no_image" else rows}
        if not call.model.startswith("dall-e"):
            shown = pictures[0].size
            body |= {"usage": usage, "output_format": kind, "size": f"{shown[0]}x{shown[1]}"}
        return Reply(200, "application/json", Reply.json(body).pieces, delay=self.behaviour.delay)

    def _error(self, status: int, message: str, code: str, param: str = "") -> dict[str, Any]:
        kind = "invalid_request_error" if status < 500 else "server_error"
        return {"error": {"message": message, "type": kind, "param": param or None, "code": code}}

    def _row(self, image: bytes, number: int, fault: str) -> dict[str, Any]:
        row: dict[str, Any] = {}
        if self.behaviour.revised_prompt:
            row["revised_prompt"] = self.behaviour.revised_prompt
        if self.behaviour.as_url:
            path = f"/kept/{len(self.requests)}-{number}.png"
            self._kept[path] = image
            return row | {"url": f"{self.url}{path}"}
        return row | {"b64_json": _base64(image, fault)}

    def _stream(
        self,
        call: ImageCall,
        fault: str,
        pictures: Sequence[Image.Image],
        images: Sequence[bytes],
        usage: dict[str, Any],
    ) -> Reply:
        name = "image_edit" if call.edit else "image_generation"
        kind = call.fields.get("output_format", "png")
        pieces: list[bytes] = []
        for one, image in zip(pictures, images, strict=True):
            shown = {
                "created_at": _CREATED,
                "size": f"{one.width}x{one.height}",
                "quality": call.fields.get("quality", "auto"),
                "background": call.fields.get("background", "auto"),
                "output_format": kind,
            }
            for step in range(call.fields.get("partial_images", 0)):
                part = spoiled(fault, encoded(preview(one, step + 1), kind))
                value = {"type": f"{name}.partial_image", "b64_json": _base64(part, fault), **shown}
                pieces.append(sse({**value, "partial_image_index": step}, f"{name}.partial_image"))
            done = {"type": f"{name}.completed", "b64_json": _base64(image, fault), **shown, "usage": usage}
            pieces.append(sse(done, f"{name}.completed"))
        if fault in {"disconnect", "silent", "late_error", "no_image"}:
            pieces = [piece for piece in pieces if b"partial_image_index" in piece]
        if fault == "late_error":
            body = self._error(500, "The server had an error.", "server_error")
            pieces.append(sse({"type": "error", **body}, "error"))
        endings: dict[str, Any] = {"disconnect": "abort", "silent": "silence"}
        return Reply.events(*pieces, ending=endings.get(fault, "end"), delay=self.behaviour.delay)

    def _paint(self, call: ImageCall, number: int) -> Image.Image:
        size = call.fields.get("size", "auto")
        wanted = None if size == "auto" else tuple(int(side) for side in size.split("x"))
        if self.behaviour.result_size is not None:
            wanted = self.behaviour.result_size
        if not call.edit:
            clear = call.fields.get("background") == "transparent"
            whole = (wanted[0], wanted[1]) if wanted else (1024, 1024)
            return generated(call.prompt, whole, variant=number, transparent=clear)
        hole = hole_of(picture(call.mask)) if call.mask is not None else None
        result = edited(call.pictures(), hole, call.prompt, self.behaviour, variant=number)
        return result.resize((wanted[0], wanted[1])) if wanted and wanted != result.size else result


def _read_edit(exchange: Exchange) -> tuple[dict[str, Any], tuple[bytes, ...], bytes | None]:
    try:
        parts = read_form(exchange.headers.get("content-type", ""), exchange.body)
    except (BadFormError, UnicodeDecodeError) as error:
        raise RefusedRequestError(f"The form cannot be read: {error}") from None
    files = [part for part in parts if part.filename is not None]
    texts = [part for part in parts if part.filename is None]
    if len({part.name for part in texts}) != len(texts):
        raise RefusedRequestError("A field comes twice")
    for part in files:
        if part.name not in {"image", "image[]", "mask"}:
            raise RefusedRequestError(f"Unknown parameter: {part.name!r}", part.name)
    images = [part for part in files if part.name != "mask"]
    if not 1 <= len(images) <= 16 or (len(images) > 1 and any(part.name == "image" for part in images)):
        raise RefusedRequestError("Give one image, or up to 16 as image[]", "image")
    first, *_ = [_decoded(part) for part in images]
    masks = [part for part in files if part.name == "mask"]
    if len(masks) > 1:
        raise RefusedRequestError("There is more than one mask", "mask")
    for part in masks:
        _check_mask(part, first)
    given = {part.name: _value(part) for part in texts}
    return given, tuple(part.data for part in images), masks[0].data if masks else None


def _check_mask(part: FormPart, first: Image.Image) -> None:
    mask = _decoded(part)
    if mask.format != "PNG" or len(part.data) > 4 * 1024 * 1024:
        raise RefusedRequestError("The mask must be a PNG of at most 4 MB", "mask")
    if mask.size != first.size:
        raise RefusedRequestError(f"The mask has {mask.size}, the image {first.size} pixels", "mask")
    if "A" not in mask.getbands():
        raise RefusedRequestError("The mask has no alpha channel", "mask")


def _decoded(part: FormPart) -> Image.Image:
    try:
        image = picture(part.data)
    except (UnidentifiedImageError, OSError) as error:
        raise RefusedRequestError(f"Invalid image file: {error}", part.name) from None
    if _FORMATS.get(str(image.format)) != part.mime or len(part.data) > 50 * 1024 * 1024:
        raise RefusedRequestError(f"{part.filename} is {image.format}, said to be {part.mime}", part.name)
    return image


def _value(part: FormPart) -> Any:
    text = part.data.decode("utf-8")
    if part.name in _NUMBERS:
        if not text.isdigit():
            raise RefusedRequestError(f"Invalid value: {text!r} for {part.name!r}", part.name)
        return int(text)
    return {"true": True, "false": False}.get(text, text) if part.name == "stream" else text


def _usage(call: ImageCall, pictures: Sequence[Image.Image]) -> dict[str, Any]:
    text, image = len(call.prompt) // 4 + 1, sum(one.width * one.height // 750 for one in call.pictures())
    made = sum(one.width * one.height // 1000 for one in pictures)
    return {
        "input_tokens": text + image,
        "output_tokens": made,
        "total_tokens": text + image + made,
        "input_tokens_details": {"text_tokens": text, "image_tokens": image},
    }


def _base64(image: bytes, fault: str) -> str:
    text = base64.b64encode(image).decode()
    return text[: len(text) // 2 // 4 * 4 + 3] if fault == "truncated_base64" else text
