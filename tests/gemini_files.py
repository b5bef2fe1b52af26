"""Gemini's Files API beside its answers, on a byte server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.dialects import GEMINI
from tests.wire import Exchange, Reply


def file_resource(name: str, uri: str, state: str) -> dict[str, Any]:
    """A file as the service describes it."""
    return {
        "name": name,
        "displayName": "clip",
        "mimeType": "video/mp4",
        "sizeBytes": "5",
        "createTime": "2026-11-01T00:00:00Z",
        "expirationTime": "2026-11-03T00:00:00Z",
        "uri": uri,
        "state": state,
        "source": "UPLOADED",
    }


class FileService:
    """Answers every call of one conversation. `states` are those of each file, as it is asked for again."""

    def __init__(self, states: Sequence[str] = ("ACTIVE",), answer: Reply | None = None) -> None:
        self.states = states
        self.answer = answer or GEMINI.reply(GEMINI.text("Seen."), GEMINI.finish("stop"))
        self.url = ""
        self.upload_url: str | None = None
        self.deletion = Reply.json({})
        self.uploaded: list[Exchange] = []
        self.deleted: list[str] = []
        self.asked: list[Any] = []
        self._polls: dict[str, int] = {}

    def __call__(self, exchange: Exchange) -> Reply:
        """What the service says."""
        path = exchange.path.partition("?")[0]
        if path == "/upload/v1beta/files":
            url = f"{self.url}/put?upload_id=1" if self.upload_url is None else self.upload_url
            return Reply.json({}, headers={"X-Goog-Upload-URL": url, "X-Goog-Upload-Status": "active"})
        if path == "/put":
            self.uploaded.append(exchange)
            return Reply.json({"file": self._file(f"files/f{len(self.uploaded)}")})
        if path.startswith("/v1beta/files/"):
            name = path.removeprefix("/v1beta/")
            if exchange.method == "DELETE":
                self.deleted.append(name)
                return self.deletion
            return Reply.json(self._file(name))
        self.asked.append(exchange.json)
        return self.answer

    def _file(self, name: str) -> dict[str, Any]:
        polls = self._polls.get(name, 0)
        self._polls[name] = polls + 1
        state = self.states[min(polls, len(self.states) - 1)]
        return file_resource(name, f"https://files.example/{name}", state)
