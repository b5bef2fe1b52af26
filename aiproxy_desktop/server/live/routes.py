"""`WS /api/gemini/ws`: talking with a live model by voice and text, in the seed's messages and some more.

Every message is one JSON object in a text frame with a `type`; a binary frame is sound. Whatever is read from
a client may stand beside `type` or in `data`.

From the client:

- `{"type": "config", …}`, best as the first message; a later one changes what it names. All fields are
  optional: `token` (where none came otherwise); `model` (`gemini-3.8-live`, `openai:gpt-realtime-2.1`, an
  alias); `voice`; `language` (BCP 47); `system_instruction` (text, or `{"parts": [{"text"}]}`; also
  `system_prompt`, `instructions`); `mode`: `hands_free` (as the seed has it) or `push_to_talk`;
  `google_search`, `code_execution`: booleans; `tools`: function declarations as Gemini's or OpenAI's have
  them; `generation_config`: `response_modalities` (`["TEXT"]`: no sound is sent; else sound and its words),
  `temperature`, `max_output_tokens` and Gemini's other fields; `rate`: samples a second of sound that does
  not say so, 16000 by default; and who asks: `app`, `client_id`, `device`, `user_id`, `session_id`,
  `request_id`.
- `{"type": "message", "data": {"text": "…"}}` or `{"type": "text", "text": "…"}`: a whole turn in writing.
- `{"type": "audio", "data": "<base64>"}` or `{"type": "audio", "data": {"base64": "…", "mime_type":
  "audio/pcm;rate=16000"}}`: more sound, PCM16 little-endian mono, any length, of any rate that it names. A
  binary frame is the same without base64.
- `{"type": "activity_start"}`, `{"type": "activity_end"}`: push to talk; sound belongs between them.
- `{"type": "audio_end"}`: hands-free; the microphone is muted.
- `{"type": "interrupt", "heard_ms": 1200}`: no more of this answer; so much of it was played. Without
  `heard_ms` that is as much as can have been.
- `{"type": "tool_result", "id": "…", "result": {…}}`: the answer to a `tool_call`.

From the server:

- `{"type": "config_success", "message": "Configuration acknowledged", "client_id", "ip", "model":
  "provider:model", "mode", "sampleRate": 16000, "ignored": ["…"]}`; `sampleRate` is what the service takes
  without conversion, `ignored` names fields that this model has no place for.
- `{"type": "system", "data": "Connected to Gemini Live"}`: the service listens. It comes after
  `config_success`, or by itself where no configuration came within a moment.
- `{"type": "response", "text": "…"}`: more of an answer, in words. With `"spoken": true` they are those of
  its sound, and come as a `transcript` too.
- `{"type": "audio", "data": "<base64>", "format": "pcm16", "sampleRate": 24000}`: more of its sound.
- `{"type": "transcript", "role": "user" | "model", "text": "…", "finished": false}`: more of what was said;
  appended to what came before of the same turn. The words of the person may come after the answer began.
- `{"type": "speech_started"}`, `{"type": "speech_stopped"}`: hands-free; fall silent at the first.
- `{"type": "interrupted"}`: drop what is still to be played.
- `{"type": "generation_complete"}`: all of the answer has come; it may still be playing.
- `{"type": "turn_complete", "reason": ""}`: exactly one for each answer.
- `{"type": "tool_call", "id", "name", "args": {…}}`, `{"type": "tool_call_cancelled", "ids": […]}`.
- `{"type": "search", "queries": […], "sources": [{"title", "url"}]}`, `{"type": "code", "code", "output",
  "ok"}`: done by the service itself.
- `{"type": "usage", "input_tokens", "output_tokens", "total_tokens", "cost"}`: of the session so far; `null`
  is not known, the cost is in US dollars.
- `{"type": "reconnecting", "reason", "data": "…"}`, `{"type": "reconnected", "reason", "resumed",
  "restarted", "data": "…"}`: nothing has to be done, what is said meanwhile is kept. `restarted`: the answer
  comes again from its beginning, drop what had come of it.
- `{"type": "error", "data": "one sentence", "code": null | "…", "fatal": false}`; after a fatal one the
  connection is closed. The seed's page looks for the sentence in `error`, and for a call's name in
  `tool_name`: both are there, too.

It is closed with 1000 after the client's own close, 1008 for a configuration or token that cannot be used,
1009 for a message that is too large, 1011 where the service ended the session, 1012 where the server stops,
1013 where too many sessions run.
"""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.live.client_line import ClientLine
from aiproxy_desktop.server.live.talk import LiveTalk, Places

_PATH = "/api/gemini/ws"

# A client that leaves shall be gone from the service within half a second, and one that reads slowly is
# waited for by the service: little is kept for it here.
SERVED = LivePolicy(close_seconds=0.2, events=128)


def live_routes(backend: ApiBackend, policy: LivePolicy = SERVED) -> APIRouter:
    """The route.

    Args:
        backend: of the server.
        policy: how patient sessions are, and how much they keep.
    """
    router = APIRouter()
    places = Places()

    @router.get(_PATH, include_in_schema=False)
    async def gemini_live_without_upgrade() -> None:
        sentence = "This address speaks WebSocket. Connect to it with ws:// instead of http://."
        raise Refusal(426, sentence, headers=(("upgrade", "websocket"), ("connection", "upgrade")))

    @router.websocket(_PATH)
    async def gemini_live(websocket: WebSocket) -> None:
        await websocket.accept()
        admitted: bool = websocket.scope["state"]["admitted"]
        async with ClientLine(websocket) as line:
            await LiveTalk(backend, websocket, line, places, policy, admitted=admitted).hold()

    return router
