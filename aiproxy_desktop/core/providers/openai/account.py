"""An account of OpenAI's own, or a server that answers in its name: it holds live sessions, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.model_rules import holds_word
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider

if TYPE_CHECKING:  # nothing of it is needed to start
    from aiproxy_desktop.core.live.codec import LiveService


class OpenAIAccount(OpenAICompatibleProvider):
    """Chat as every compatible server has it, and OpenAI Realtime."""

    def live_service(self) -> LiveService:
        """OpenAI Realtime, on this account."""
        from aiproxy_desktop.core.live.services import OpenAIRealtimeService

        return OpenAIRealtimeService(
            self._credentials,
            self._base_url,
            provider=self.id,
            label=self.label,
            needs_key=self._needs_key,
        )

    def live_models(self) -> tuple[str, ...]:
        """The Realtime models of the last list; before any list, those that OpenAI is known to have."""
        if self._noted is not None:
            return self._noted
        from aiproxy_desktop.core.live.models import known_live_models

        return known_live_models("openai")

    def _is_noted(self, name: Any) -> bool:
        if not isinstance(name, str) or not holds_word(name, ("realtime",)):
            return False
        from aiproxy_desktop.core.live.models import holds_conversations

        return holds_conversations(name)
