"""OpenAI Realtime on loopback; events are checked by openai-python's own types."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.live_servers.base import LiveServer
from tests.live_servers.checking import check_openai
from tests.live_servers.connected import Connected, Step
from tests.live_servers.sound import OUTPUT_RATE

_LEAST_BYTES = OUTPUT_RATE * 2 // 10  # 100 ms


class OpenAIRealtime(LiveServer):
    """Talk to f"{url}/v1"."""

    input_rate = 24_000

    def _warm(self) -> None:
        check_openai({"type": "response.create"})

    def _is_here(self, path: str) -> bool:
        parts = urlsplit(path)
        return parts.path.endswith("/realtime") and bool(parse_qs(parts.query).get("model"))

    def _check(self, message: dict[str, Any]) -> str:
        return check_openai(message)

    async def go_away(self, seconds: float) -> None:
        """After an hour the real one sends an error and closes."""
        connected = self.connection
        await asyncio.sleep(seconds)
        words = "Your session hit the maximum duration of 60 minutes."
        await self._error(connected, words, "session_expired")
        await connected.socket.close(1001, "session_expired")

    async def _welcome(self, connected: Connected) -> None:
        fault = self._fault_of(frozenset({"never_ready", "model"}))
        if fault == "never_ready":
            connected.more["mute"] = True
        elif fault == "model":
            model = parse_qs(urlsplit(connected.path).query)["model"][0]
            await self._error(connected, f"The model `{model}` does not exist.", "model_not_found")
            await connected.socket.close(4000, "invalid_request_error.model_not_found")
        else:
            connected.setup = {"type": "realtime", "audio": {"input": {"turn_detection": {}}}}
            await self._event(connected, "session.created", session=connected.setup)

    async def _refuse(self, connected: Connected, why: str) -> None:
        await self._error(connected, why, "invalid_value")

    async def _message(self, connected: Connected, message: dict[str, Any]) -> None:
        if connected.more.get("mute"):
            return
        connected.more["cause"] = message.get("event_id")
        kind = message["type"]
        if kind == "session.update":
            await self._update(connected, message["session"])
        elif kind == "input_audio_buffer.append":
            await self._append(connected, base64.b64decode(message["audio"]))
        elif kind == "input_audio_buffer.clear":
            connected.buffer.clear()
            await self._event(connected, "input_audio_buffer.cleared")
        elif kind == "input_audio_buffer.commit":
            await self._commit(connected)
        elif kind == "conversation.item.create":
            await self._item(connected, message["item"])
        elif kind == "conversation.item.truncate":
            await self._truncate(connected, message)
        elif kind == "response.create":
            await self._create(connected)
        elif kind == "response.cancel":
            await self._cancel(connected, message.get("response_id"))

    async def _update(self, connected: Connected, session: dict[str, Any]) -> None:
        voice = session.get("audio", {}).get("output", {}).get("voice")
        if voice is not None and connected.more.get("sounded"):
            await self._no(connected, "Cannot update a conversation's voice.", "cannot_update_voice")
            return
        writer = (session.get("audio", {}).get("input", {}).get("transcription") or {}).get("model")
        if writer in self.behaviour.no_transcribers:
            await self._error(connected, f"Invalid transcription model {writer!r}", "invalid_value")
            return
        connected.setup = _laid_over(connected.setup, session)
        connected.ready = True
        await self._event(connected, "session.updated", session=connected.setup)

    async def _append(self, connected: Connected, pcm: bytes) -> None:
        if len(pcm) % 2:
            await self._no(connected, "Half a sample", "invalid_value")
            return
        await self._hear(connected, pcm, _detects(connected))

    async def _commit(self, connected: Connected) -> None:
        milliseconds = len(connected.buffer) / 2 / OUTPUT_RATE * 1000
        if len(connected.buffer) < _LEAST_BYTES:
            words = (
                "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
                f"but buffer only has {milliseconds:.2f}ms of audio."
            )
            await self._no(connected, words, "input_audio_buffer_commit_empty")
            return
        connected.speaking = False
        await self._committed(connected)

    async def _committed(self, connected: Connected) -> None:
        item = self._name(connected, "item")
        await self._event(connected, "input_audio_buffer.committed", item_id=item, previous_item_id=None)
        self._take_written(connected)
        await self._write_down(connected, connected.turn)
        connected.turn = self._turn(connected, "speech")
        connected.turn.item = item
        connected.more["due"] = True

    async def _item(self, connected: Connected, item: dict[str, Any]) -> None:
        kind = item["type"]
        if kind == "function_call_output":
            call_id = item["call_id"]
            if call_id not in connected.unanswered:
                await self._no(connected, f"No tool call found for {call_id}", "invalid_tool_call_output")
                return
            connected.unanswered.discard(call_id)
            connected.results[call_id] = json.loads(item["output"])
            connected.more["due"] = True
        elif kind == "message":
            text = "".join(part.get("text", "") for part in item["content"])
            connected.more.setdefault("written", []).append((item["role"], text))
        named = {
            "id": self._name(connected, "item"),
            "object": "realtime.item",
            "status": "completed",
            **item,
        }
        await self._event(connected, "conversation.item.added", item=named, previous_item_id=None)
        await self._event(connected, "conversation.item.done", item=named, previous_item_id=None)

    async def _truncate(self, connected: Connected, message: dict[str, Any]) -> None:
        sent = connected.more.get("sent", {}).get(message["item_id"], 0)
        end = message["audio_end_ms"]
        if message["item_id"] not in connected.more.get("sent", {}) or end > sent / 2 / OUTPUT_RATE * 1000:
            await self._no(connected, f"Audio content is shorter than {end}ms", "invalid_value")
            return
        connected.more.setdefault("truncated", []).append((message["item_id"], end))
        done = {"item_id": message["item_id"], "content_index": 0, "audio_end_ms": end}
        await self._event(connected, "conversation.item.truncated", **done)

    async def _create(self, connected: Connected) -> None:
        if connected.busy:
            words = "Conversation already has an active response in progress."
            await self._no(connected, words, "conversation_already_has_active_response")
            return
        written = self._take_written(connected)
        if written:
            await self._write_down(connected, connected.turn)
        if written and written[-1][0] == "user":  # what stands before it is history
            connected.conversation.pop()
            connected.turn = self._turn(connected, "text", written[-1][1])
        elif not connected.more.pop("due", False) or connected.turn is None:
            self.refusals.append("An answer is asked for to nothing")
            connected.turn = self._turn(connected, "text", "")
        connected.more["due"] = False
        connected.more["response"], connected.more["calls"] = self._name(connected, "resp"), []
        self._answer(connected, connected.turn)

    def _take_written(self, connected: Connected) -> list[tuple[str, str]]:
        """What was written since the last turn is part of the conversation."""
        written: list[tuple[str, str]] = connected.more.pop("written", [])
        connected.conversation += [("model" if role == "assistant" else role, said) for role, said in written]
        return written

    async def _cancel(self, connected: Connected, response: str | None) -> None:
        """It may have ended just now: that is said, and held against nobody."""
        another = response is not None and response != connected.more.get("response")
        if another or not await self._stop_answer(connected):
            words = "Cancellation failed: no active response found"
            await self._error(connected, words, "response_cancel_not_active")

    async def _begin(self, connected: Connected) -> None:
        connected.more["item"] = ""
        connected.more["calls"] = []
        await self._event(connected, "response.created", response=self._response(connected, "in_progress"))

    async def _say(self, connected: Connected, step: Step) -> None:
        if step.kind == "heard":
            await self._heard(connected, step)
        elif step.kind == "call":
            await self._call(connected, step)
        elif step.kind in {"sound", "words", "text"}:
            await self._content(connected, step)

    async def _heard(self, connected: Connected, step: Step) -> None:
        item = step.item
        kind = "conversation.item.input_audio_transcription"
        half = len(step.text) // 2
        for part in (step.text[:half], step.text[half:]):
            await self._event(connected, f"{kind}.delta", item_id=item, content_index=0, delta=part)
        usage = {"type": "duration", "seconds": 1}
        done = {"item_id": item, "content_index": 0, "transcript": step.text, "usage": usage}
        await self._event(connected, f"{kind}.completed", **done)

    async def _content(self, connected: Connected, step: Step) -> None:
        more = connected.more
        if not more["item"]:
            more["item"] = self._name(connected, "item")
            item = {"id": more["item"], "object": "realtime.item", "type": "message", "role": "assistant"}
            item |= {"status": "in_progress", "content": []}
            where = {"response_id": more["response"], "output_index": 0}
            await self._event(connected, "response.output_item.added", item=item, **where)
        where = {
            "response_id": more["response"],
            "item_id": more["item"],
            "output_index": 0,
            "content_index": 0,
        }
        if step.kind == "sound":
            more["sounded"] = True
            more.setdefault("sent", {}).setdefault(more["item"], 0)
            more["sent"][more["item"]] += len(step.sound)
            delta = base64.b64encode(step.sound).decode()
            await self._event(connected, "response.output_audio.delta", delta=delta, **where)
            return
        kind = "response.output_text" if step.kind == "text" else "response.output_audio_transcript"
        if step.text:
            await self._event(connected, f"{kind}.delta", delta=step.text, **where)
        if step.last:
            name = "text" if step.kind == "text" else "transcript"
            await self._event(connected, f"{kind}.done", **{name: step.text}, **where)

    async def _call(self, connected: Connected, step: Step) -> None:
        assert step.call is not None
        arguments = step.call.args.get("raw") or json.dumps(dict(step.call.args))
        item = {
            "id": self._name(connected, "item"),
            "object": "realtime.item",
            "type": "function_call",
            "status": "in_progress",
            "call_id": step.call.id,
            "name": step.call.name,
            "arguments": "",
        }
        where = {"response_id": connected.more["response"], "output_index": 0}
        await self._event(connected, "response.output_item.added", item=dict(item), **where)
        part = {"item_id": item["id"], "call_id": step.call.id, **where}
        kind = "response.function_call_arguments"
        await self._event(connected, f"{kind}.delta", delta=arguments, **part)
        await self._event(connected, f"{kind}.done", arguments=arguments, name=step.call.name, **part)
        item |= {"status": "completed", "arguments": arguments}
        connected.more["calls"].append(item)
        await self._event(connected, "response.output_item.done", item=item, **where)

    async def _results(self, connected: Connected) -> bool:
        await self._event(connected, "response.done", response=self._response(connected, "completed"))
        return False

    async def _end(self, connected: Connected, fault: str) -> None:
        status, reason = "completed", ""
        if fault == "failed":
            status = "failed"
        elif fault in {"cut_short", "refused"}:
            status = "incomplete"
            reason = "max_output_tokens" if fault == "cut_short" else "content_filter"
        await self._event(connected, "response.done", response=self._response(connected, status, reason))

    async def _interrupted(self, connected: Connected) -> None:
        if connected.more.get("calls") and connected.unanswered:
            return
        reason = "turn_detected" if connected.speaking else "client_cancelled"
        response = self._response(connected, "cancelled", reason)
        await self._event(connected, "response.done", response=response)

    async def _speech_began(self, connected: Connected) -> None:
        item = self._name(connected, "item")
        began = {"item_id": item, "audio_start_ms": 0}
        await self._event(connected, "input_audio_buffer.speech_started", **began)
        await self._stop_answer(connected)

    async def _speech_ended(self, connected: Connected) -> None:
        ended = {"item_id": "item_0", "audio_end_ms": 0}
        await self._event(connected, "input_audio_buffer.speech_stopped", **ended)
        await self._committed(connected)
        assert connected.turn is not None
        connected.more["due"] = False
        connected.more["response"] = self._name(connected, "resp")
        self._answer(connected, connected.turn)

    async def _event(self, connected: Connected, kind: str, **fields: Any) -> None:
        await self._send(connected, {"type": kind, "event_id": self._name(connected, "event"), **fields})

    async def _no(self, connected: Connected, why: str, code: str) -> None:
        self.refusals.append(why)
        await self._error(connected, why, code)

    async def _error(self, connected: Connected, words: str, code: str) -> None:
        error = {"type": "invalid_request_error", "code": code, "message": words, "param": None}
        error["event_id"] = connected.more.get("cause")
        await self._event(connected, "error", error=error)

    def _name(self, connected: Connected, kind: str) -> str:
        connected.more["names"] = number = connected.more.get("names", 0) + 1
        return f"{kind}_{connected.number}_{number}"

    def _response(self, connected: Connected, status: str, reason: str = "") -> dict[str, Any]:
        details: dict[str, Any] | None = {"type": status, "reason": reason} if reason else None
        if status == "failed":
            words = {"type": "server_error", "code": "server_error", "message": "The model failed."}
            details = {"type": "failed", "error": words}
        return {
            "id": connected.more["response"],
            "object": "realtime.response",
            "status": status,
            "status_details": details,
            "output": list(connected.more["calls"]),
            "usage": None if status == "in_progress" else _usage(),
        }


def _detects(connected: Connected) -> bool:
    return connected.setup.get("audio", {}).get("input", {}).get("turn_detection") is not None


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for name, value in above.items():
        old = result.get(name)
        both = isinstance(value, dict) and isinstance(old, dict)
        result[name] = _laid_over(old, value) if both and old is not None else value
    return result


def _usage() -> dict[str, Any]:
    return {
        "total_tokens": 60,
        "input_tokens": 35,
        "output_tokens": 25,
        "input_token_details": {"text_tokens": 10, "audio_tokens": 25, "cached_tokens": 8},
        "output_token_details": {"text_tokens": 5, "audio_tokens": 20},
    }
