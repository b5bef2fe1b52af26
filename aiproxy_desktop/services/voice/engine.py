"""The voice engine: one live session, the microphone, the speaker, the recording. Lives on its own loop.

Everything here runs on that loop, so that a busy window never delays sound. Streams call from threads of
their own and are handed over at once. The window hears of it by reports, at most some sixty a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiproxy_desktop.audio.recording import Recording
from aiproxy_desktop.audio.values import MicrophoneStream, SpeakerStream, StreamStatus
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.events import LiveEvent, LiveUsage
from aiproxy_desktop.core.live.values import LiveOptions
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.call_desk import CallDesk
from aiproxy_desktop.services.voice.figures_so_far import FiguresSoFar
from aiproxy_desktop.services.voice.listening import Listening
from aiproxy_desktop.services.voice.happenings import Happenings
from aiproxy_desktop.services.voice.reports import VoiceReport
from aiproxy_desktop.services.voice.session import MakeSession, Outgoing, Session, SessionPlan
from aiproxy_desktop.services.voice.sound import SoundSystem
from aiproxy_desktop.services.voice.transcript import Transcript
from aiproxy_desktop.services.voice.values import VoiceState

# Seconds between two reports to the window, and between two looks at what is being played.
_REPORT_AFTER = 0.016
_TICK = 0.05

_NO_MICROPHONE = AIProxyError(
    "There is no microphone", "Nothing was sent. Connect one or choose another, or type instead."
)


def live_session(service: LiveService, options: LiveOptions) -> Session:
    """The core's own session."""
    from aiproxy_desktop.core.live.session import LiveSession

    return LiveSession(service, options)
