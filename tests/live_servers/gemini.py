"""Gemini Live (BidiGenerateContent) on loopback; messages are checked by google-genai's own types."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any

from tests.live_servers.base import LiveServer
from tests.live_servers.behaviour import Behaviour
from tests.live_servers.checking import check_gemini
from tests.live_servers.connected import Connected, Step
from tests.live_servers.sound import OUTPUT_RATE

_PATH = re.compile(
    r"(?:/[\w.-]+)*?/ws/google\.ai\.generativelanguage\.(?:v1|v1beta|v1alpha)\.GenerativeService\.BidiGenerateContent"
)


class GeminiLive(LiveServer):
    """Talk to `url`; `https://…` with a context, as Google's own client insists on it."""

    input_rate = 16_000
    binary = True  # as the real service does

    def __init__(self, behaviour: Behaviour | None = None, **more: Any) -> None:
        """As `LiveServer`."""
        super().__init__(behaviour, **more)
        self._kept: dict[str, list[tuple[str, str]]] = {}  # what was said in each session, by its handle

    def _warm(self) -> None:
        check_gemini({})

    def _is_here(self, path: str) -> bool:
        return _PATH.fullmatch(path) is not None  # with nothing after it: a key in the address is none

    def _check(self, message: dict[str, Any]) -> str:
        return check_gemini(message)

    async def go_away(self, seconds: float) -> None:
        """Say so, and end it when the time is over."""
        connected = self.connection
        await self._send(connected, {"goAway": {"timeLeft": f"{seconds:g}s"}})
        await asyncio.sleep(seconds)
        await connected.socket.close(1001, "Going away")

    async def _refuse(self, connected: Connected, why: str) -> None:
        await connected.socket.close(1007, why[:120])

    async def _message(self, connected: Connected, message: dict[str, Any]) -> None:
        found = camelled(message)
        if "setup" in found:
            await self._set_up(connected, found["setup"])
        elif not connected.ready:
            await self._no(connected, "The first message must be a setup")
        elif "realtimeInput" in found:
            await self._realtime(connected, found["realtimeInput"])
        elif "clientContent" in found:
            await self._client_content(connected, found["clientContent"])
        elif "toolResponse" in found:
            await self._tool_response(connected, found["toolResponse"])
        elif "contextUpdate" in found:
            connected.more["updates"] = [*connected.more.get("updates", []), found["contextUpdate"]]

    async def _welcome(self, connected: Connected) -> None:
        """Silent until it is set up."""

    async def _set_up(self, connected: Connected, setup: dict[str, Any]) -> None:
        if connected.setup:
            await self._no(connected, "A second setup")
            return
        connected.setup = setup
        fault = self._fault_of(frozenset({"never_ready", "model"}))
        if fault == "never_ready":
            return
        if fault == "model":
            words = f"{setup.get('model')} is not found for API version v1beta, or is not supported for bidi"
            await connected.socket.close(1008, words)
            return
        handle = setup.get("sessionResumption", {}).get("handle")
        if handle is not None:
            kept = self._kept.get(handle)
            if kept is None or self.behaviour.refuse_handles:
                await connected.socket.close(1007, "Invalid session resumption handle")
                return
            connected.conversation = list(kept)
        history = setup.get("historyConfig", {}).get("initialHistoryInClientContent") is True
        connected.more["history"] = history
        connected.ready = True
        await self._send(connected, {"setupComplete": {}})

    async def _realtime(self, connected: Connected, sent: dict[str, Any]) -> None:
        manual = _manual(connected)
        if connected.more.get("history"):
            await self._no(connected, "The history that was announced did not come")
        elif ("activityStart" in sent or "activityEnd" in sent) and not manual:
            await self._no(connected, "Activity is marked although it is detected")
        elif "audioStreamEnd" in sent and manual:
            await self._no(connected, "The end of the stream is marked although activity is")
        elif "activityStart" in sent:
            connected.speaking = True
            connected.buffer.clear()
            connected.more["text"] = ""
            await self._stop_answer(connected)
        elif "activityEnd" in sent:
            await self._activity_end(connected)
        elif "audio" in sent:
            await self._audio(connected, sent["audio"], manual)
        elif "text" in sent:
            await self._text(connected, str(sent["text"]), manual)
        elif "audioStreamEnd" in sent and connected.speaking:
            connected.speaking = False
            await self._speech_ended(connected)

    async def _audio(self, connected: Connected, blob: dict[str, Any], manual: bool) -> None:
        mime = blob.get("mimeType")
        data = base64.urlsafe_b64decode(blob["data"].replace("+", "-").replace("/", "_"))
        if mime != "audio/pcm;rate=16000":
            await self._no(connected, f"Sound of type {mime!r}")
        elif len(data) % 2:
            await self._no(connected, "Half a sample")
        elif manual and not connected.speaking:
            await self._no(connected, "Sound outside of an activity")
        else:
            await self._hear(connected, data, not manual)

    async def _text(self, connected: Connected, text: str, manual: bool) -> None:
        if not manual:
            await self._stop_answer(connected)
            self._answer(connected, self._turn(connected, "text", text))
        elif not connected.speaking:
            await self._no(connected, "Text outside of an activity")
        else:
            connected.more["text"] = connected.more.get("text", "") + text

    async def _activity_end(self, connected: Connected) -> None:
        if not connected.speaking:
            await self._no(connected, "An activity ends that did not begin")
            return
        connected.speaking = False
        text = connected.more.pop("text", "")
        if text or connected.buffer:
            self._answer(connected, self._turn(connected, "text" if text else "speech", text))
        else:  # nothing was said
            await self._send(connected, {"serverContent": {"turnComplete": True}})

    async def _client_content(self, connected: Connected, content: dict[str, Any]) -> None:
        """A history that was announced asks for no answer; models of 3.1 take nothing else."""
        announced = connected.more.get("history")
        if not announced and "3.1" in connected.setup["model"]:
            await self._no(connected, "clientContent is for a history that historyConfig announced")
            return
        done = content.get("turnComplete")
        if done and not announced:
            await self._stop_answer(connected)
        for turn in content.get("turns") or ():
            text = "".join(part.get("text", "") for part in turn["parts"])
            connected.conversation.append((turn["role"], text))
        if announced:
            connected.more["history"] = not done
        elif done and connected.conversation and connected.conversation[-1][0] == "user":
            _, text = connected.conversation.pop()
            self._answer(connected, self._turn(connected, "text", text))

    async def _tool_response(self, connected: Connected, response: dict[str, Any]) -> None:
        for one in response.get("functionResponses") or ():
            if one.get("id") not in connected.unanswered:
                self.refusals.append(f"An answer to no call: {one.get('id')}")
                continue
            connected.unanswered.discard(one["id"])
            connected.results[one["id"]] = one["response"]
        if connected.unanswered:
            return
        connected.result_came.set()
        if connected.turn is not None and not connected.busy and not connected.turn.answered:
            self._answer(connected, connected.turn)

    async def _results(self, connected: Connected) -> bool:
        if self.behaviour.calls_wait:
            await connected.result_came.wait()
            return True
        for content in ({"generationComplete": True}, {"turnComplete": True}):
            await self._send(connected, {"serverContent": content})
        return False

    async def _no(self, connected: Connected, why: str) -> None:
        self.refusals.append(why)
        await self._refuse(connected, why)

    async def _begin(self, connected: Connected) -> None:
        if self.behaviour.handles and "sessionResumption" in connected.setup:
            await self._send(connected, {"sessionResumptionUpdate": {"resumable": False}})

    async def _say(self, connected: Connected, step: Step) -> None:
        await self._send(connected, _wire(step))

    async def _end(self, connected: Connected, fault: str) -> None:
        if fault == "failed":
            await connected.socket.close(1011, "Internal error encountered.")
            return
        reason = "RESPONSE_REJECTED" if fault == "refused" else ""
        if not reason and fault != "cut_short":
            await self._send(connected, {"serverContent": {"generationComplete": True}})
        done: dict[str, Any] = {"turnComplete": True}
        if reason or fault == "cut_short":
            done["turnCompleteReason"] = reason or "MAX_REGENERATION_REACHED"
        await self._send(connected, {"serverContent": done, "usageMetadata": _usage()})
        await self._new_handle(connected)

    async def _new_handle(self, connected: Connected) -> None:
        if not self.behaviour.handles or "sessionResumption" not in connected.setup:
            return
        handle = f"handle-{len(self._kept) + 1}"
        self._kept[handle] = list(connected.conversation)
        await self._send(connected, {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})

    async def _interrupted(self, connected: Connected) -> None:
        if connected.unanswered:
            ids = sorted(connected.unanswered)
            connected.unanswered.clear()
            await self._send(connected, {"toolCallCancellation": {"ids": ids}})
        await self._send(connected, {"serverContent": {"interrupted": True}})
        await self._send(connected, {"serverContent": {"turnComplete": True}})

    async def _speech_began(self, connected: Connected) -> None:
        await self._stop_answer(connected)

    async def _speech_ended(self, connected: Connected) -> None:
        self._answer(connected, self._turn(connected, "speech"))


def _manual(connected: Connected) -> bool:
    config = connected.setup.get("realtimeInputConfig", {})
    return config.get("automaticActivityDetection", {}).get("disabled") is True


def camelled(value: Any, under: str = "") -> Any:
    """A message by the wire's own names: Google's client mixes them with those of Python."""
    if isinstance(value, list):
        return [camelled(item) for item in value]
    if not isinstance(value, dict) or under in {"parametersJsonSchema", "args", "response"}:
        return value
    return {_camel(name): camelled(item, _camel(name)) for name, item in value.items()}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _wire(step: Step) -> dict[str, Any]:
    if step.kind == "call":
        assert step.call is not None
        call = {"id": step.call.id, "name": step.call.name, "args": dict(step.call.args)}
        return {"toolCall": {"functionCalls": [call]}}
    return {"serverContent": _content(step)}


def _content(step: Step) -> dict[str, Any]:
    if step.kind in {"words", "heard"}:
        said: dict[str, Any] = {"text": step.text} if step.text else {}
        if step.last:
            said["finished"] = True
        return {"outputTranscription" if step.kind == "words" else "inputTranscription": said}
    if step.kind == "search":
        chunk = {"web": {"uri": "https://example.org/weather", "title": "Weather"}}
        return {"groundingMetadata": {"webSearchQueries": [step.text], "groundingChunks": [chunk]}}
    return {"modelTurn": {"role": "model", "parts": _parts(step)}}


def _parts(step: Step) -> list[dict[str, Any]]:
    if step.kind == "program":
        code = {"language": "PYTHON", "code": "print(6 * 7)"}
        return [
            {"executableCode": code},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "42\n"}},
        ]
    if step.kind == "text":
        return [{"text": "Thinking of it.", "thought": True}, {"text": step.text}]
    data = base64.b64encode(step.sound).decode()
    return [{"inlineData": {"mimeType": f"audio/pcm;rate={OUTPUT_RATE}", "data": data}}]


def _usage() -> dict[str, Any]:
    return {
        "promptTokenCount": 35,
        "responseTokenCount": 25,
        "thoughtsTokenCount": 5,
        "totalTokenCount": 65,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 10},
            {"modality": "AUDIO", "tokenCount": 25},
        ],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 25}],
    }
