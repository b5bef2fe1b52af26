"""Gemini's image models: generateContent and streamGenerateContent with pictures in and out."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageChops, UnidentifiedImageError

from tests.image_servers.base import ImageCall, ImageServer, RefusedRequestError, read_json, sse
from tests.image_servers.behaviour import spoiled
from tests.image_servers.painting import edited, encoded, generated, picture
from tests.wire import Exchange, Reply

MODELS = (
    "gemini-3.1-flash-image",
    "gemini-3.1-flash-lite-image",
    "gemini-3-pro-image",
    "gemini-nano-banana-2.1",
    "gemini-2.5-flash-image-preview",
)
# Width and height at 1K, as the service documents them for its flash image model.
_RATIOS = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
_TIMES = {"1K": 1, "2K": 2, "4K": 4}
_PATH = re.compile(r"/v1(?:beta)?/models/([^:/?]+):(generateContent|streamGenerateContent)(\?.*)?")
_TOP = {"contents", "generationConfig", "systemInstruction", "safetySettings"}


class GeminiImages(ImageServer):
    """Speaks Gemini's API.

    An image of the first one's size shows where to paint: the last one where it is black and white alone, in
    white; the second one where it is the first one partly painted over in magenta, there. The colour is that
    of the prompt's first line.
    """

    def _other(self, exchange: Exchange) -> Reply | None:
        path = exchange.path.partition("?")[0]
        if exchange.method == "GET" and path.endswith("/models"):
            methods = ["generateContent", "countTokens"]
            rows = [{"name": f"models/{name}", "supportedGenerationMethods": methods} for name in MODELS]
            return Reply.json({"models": rows})
        if exchange.method == "POST" and _PATH.fullmatch(exchange.path):
            return None
        return Reply.json(self._error(404, f"{path} is not found.", "not_found"), 404)

    def _read(self, exchange: Exchange) -> ImageCall:
        found = _PATH.fullmatch(exchange.path)
        assert found is not None
        body = read_json(exchange)
        if found[1] not in MODELS:
            raise RefusedRequestError(f"models/{found[1]} is not found", "model")
        if set(body) - _TOP:
            raise RefusedRequestError(f"Unknown name {min(set(body) - _TOP)!r}")
        config = body.get("generationConfig", {})
        modalities = config.get("responseModalities", ["TEXT", "IMAGE"])
        if "IMAGE" not in modalities:
            raise RefusedRequestError("The request asks for no image")
        shape = config.get("imageConfig", {})
        if set(shape) - {"aspectRatio", "imageSize"}:
            raise RefusedRequestError(f"Unknown name in imageConfig: {sorted(shape)}")
        if shape.get("aspectRatio", "1:1") not in _RATIOS or shape.get("imageSize", "1K") not in _TIMES:
            raise RefusedRequestError(f"Invalid imageConfig: {shape}")
        texts, images = _read_parts(body["contents"])
        return ImageCall(
            found[1],
            "\n".join(texts),
            {**config, "imageConfig": shape},
            tuple(images),
            edit=bool(images),
            streamed=found[2] == "streamGenerateContent",
            key=exchange.headers.get("x-goog-api-key", ""),
            path=exchange.path,
            closed=exchange.closed,
        )

    def _answer(self, call: ImageCall, fault: str) -> Reply:
        chunks = self._chunks(call, fault)
        if not call.streamed:
            whole: dict[str, Any] = {**chunks[-1]}
            candidates = [one["candidates"][0] for one in chunks if one.get("candidates")]
            if candidates:
                parts = [part for one in candidates for part in one.get("content", {}).get("parts", ())]
                whole["candidates"] = [{**candidates[-1], "content": {"role": "model", "parts": parts}}]
            return Reply.json(whole)
        pieces = [sse(chunk) for chunk in chunks]
        if fault == "late_error":
            error = self._error(503, "The service is overloaded.", "unavailable")
            pieces = [*pieces[:1], sse(error)]
        if fault in {"disconnect", "silent"}:
            pieces = pieces[:1]
        endings: dict[str, Any] = {"disconnect": "abort", "silent": "silence"}
        return Reply.events(*pieces, ending=endings.get(fault, "end"), delay=self.behaviour.delay)

    def _chunks(self, call: ImageCall, fault: str) -> list[dict[str, Any]]:
        usage = {"promptTokenCount": len(call.prompt) // 4 + 1 + 258 * len(call.images)}
        if fault == "refusal":
            feedback = {"blockReason": "PROHIBITED_CONTENT"}
            return [{"promptFeedback": feedback, "usageMetadata": usage, "modelVersion": call.model}]
        usage |= {"candidatesTokenCount": 1290, "totalTokenCount": usage["promptTokenCount"] + 1290}
        details = [{"modality": "TEXT", "tokenCount": len(call.prompt) // 4 + 1}]
        if call.images:
            details.append({"modality": "IMAGE", "tokenCount": 258 * len(call.images)})
        counts = {
            **usage,
            "promptTokensDetails": details,
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
        }
        chunks = [_chunk(call, [{"text": self.behaviour.words or "Here it is."}])]
        if fault.isupper():
            return [*chunks, {**_chunk(call, [], fault), "usageMetadata": counts}]
        if fault != "no_image":
            data = spoiled(fault, encoded(self._paint(call)))
            text = base64.b64encode(data).decode()
            text = text[: len(text) // 8 * 4 + 3] if fault == "truncated_base64" else text
            chunks.append(_chunk(call, [{"inlineData": {"mimeType": "image/png", "data": text}}]))
        return [*chunks, {**_chunk(call, [{"text": ""}], "STOP"), "usageMetadata": counts}]

    def _error(self, status: int, message: str, code: str, param: str = "") -> dict[str, Any]:  # noqa: ARG002  # OpenAI's
        names = {401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}
        name = names.get(status, "UNAVAILABLE" if status > 500 else "INVALID_ARGUMENT")
        return {"error": {"code": status, "message": message, "status": name}}

    def _paint(self, call: ImageCall) -> Image.Image:
        shape = call.fields["imageConfig"]
        images = call.pictures()
        ratio = shape.get("aspectRatio") or (_nearest(images[0].size) if images else "1:1")
        wide, high = _RATIOS[ratio]
        times = _TIMES[shape.get("imageSize", "1K")]
        size = self.behaviour.result_size or (wide * times, high * times)
        prompt = call.prompt.partition("\n")[0]
        if not images:
            return generated(prompt, size)
        hole = _mask_among(images)
        result = edited(images, hole, prompt, self.behaviour)
        return result if result.size == size else result.resize(size)


def _read_parts(contents: Sequence[Any]) -> tuple[list[str], list[bytes]]:
    texts: list[str] = []
    images: list[bytes] = []
    for turn in contents:
        if turn.get("role", "user") not in {"user", "model"}:
            raise RefusedRequestError("Please use a valid role: user, model.")
        for part in turn["parts"]:
            if "text" in part:
                texts.append(part["text"])
            elif "inlineData" in part:
                images.append(_decoded(part["inlineData"]))
            else:
                raise RefusedRequestError(f"A part is none: {json.dumps(part)[:80]}")
    return texts, images


def _decoded(blob: dict[str, str]) -> bytes:
    try:
        data = base64.b64decode(blob["data"], validate=True)
        image = picture(data)
    except (KeyError, binascii.Error, UnidentifiedImageError, OSError) as error:
        raise RefusedRequestError(f"Unable to process input image: {error}") from None
    if blob.get("mimeType") != f"image/{str(image.format).lower()}":
        raise RefusedRequestError(f"The image is {image.format}, said to be {blob.get('mimeType')}")
    return data


def _mask_among(images: Sequence[Image.Image]) -> Image.Image | None:
    if len(images) < 2:
        return None
    if images[-1].size == images[0].size:
        grey = images[-1].convert("L")
        if not any(grey.histogram()[1:255]):
            return grey
    return _painted_over(images[0].convert("RGB"), images[1].convert("RGB"))


def _painted_over(before: Image.Image, after: Image.Image) -> Image.Image | None:
    """Where the second picture is the first one with magenta laid over it; None where it is another one."""
    if before.size != after.size:
        return None
    red, green, blue = ImageChops.difference(before, after).split()
    changed = ImageChops.lighter(ImageChops.lighter(red, green), blue).point([0] * 24 + [255] * 232)
    if changed.getbbox() is None or changed.histogram()[0] == 0:
        return None
    # Magenta takes green away and adds the rest.
    more = ImageChops.subtract(after.getchannel("G"), before.getchannel("G")).point([0] * 8 + [255] * 248)
    return changed if ImageChops.multiply(more, changed).getbbox() is None else None


def _nearest(size: tuple[int, int]) -> str:
    wanted = size[0] / size[1]
    return min(_RATIOS, key=lambda name: abs(_RATIOS[name][0] / _RATIOS[name][1] - wanted))


def _chunk(call: ImageCall, parts: list[Any], reason: str = "") -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {"candidates": [candidate], "modelVersion": call.model}
