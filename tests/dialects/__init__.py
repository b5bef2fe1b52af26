"""Each provider's dialect in bytes: the rows of the parity matrix."""

from tests.dialects.anthropic import ANTHROPIC
from tests.dialects.base import KEY, USAGE, Call, Dialect, Sent, line, sse
from tests.dialects.gemini import GEMINI
from tests.dialects.ollama import OLLAMA
from tests.dialects.openai import OPENAI
from tests.dialects.responses import RESPONSES

DIALECTS = (OPENAI, RESPONSES, GEMINI, OLLAMA, ANTHROPIC)
KEYED = (OPENAI, RESPONSES, GEMINI, ANTHROPIC)

__all__ = [
    "ANTHROPIC",
    "DIALECTS",
    "GEMINI",
    "KEY",
    "KEYED",
    "OLLAMA",
    "OPENAI",
    "RESPONSES",
    "USAGE",
    "Call",
    "Dialect",
    "Sent",
    "line",
    "sse",
]
