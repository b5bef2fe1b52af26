"""The devices of a PulseAudio or PipeWire server, as people know them. PortAudio sees only ALSA's names."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from aiproxy_desktop.audio.devices import Found, Survey, with_names_apart
from aiproxy_desktop.audio.values import AudioDevice, Direction

_CLIENT = "AI Proxy Desktop devices"
_RETRY_SECONDS = 1.0
_LOOK_SECONDS = 0.25  # how soon `close` is noticed


class PulseWatch:
    """Watches a server from a thread of its own, and waits for one where there is none.

    Args:
        on_survey: called on that thread with what there is, whenever it changes.
        elsewhere: called on that thread while there is no server: what there is without one.
    """

    def __init__(self, on_survey: Callable[[Survey], None], elsewhere: Callable[[], Survey]) -> None:
        self._on_survey = on_survey
        self._elsewhere = elsewhere
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: Survey | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._thread = threading.Thread(target=self._body, name="sound devices", daemon=True)
        self._thread.start()

    def close(self, until: float) -> bool:
        """End the thread; see `Watch`."""
        self._ended.set()
        if self._thread is None:
            return True
        self._thread.join(timeout=max(0.0, until - time.monotonic()))
        return not self._thread.is_alive()

    def _body(self) -> None:
        try:
            import pulsectl
        except (ImportError, OSError):  # no libpulse on this system: no server either
            pulsectl = None
        while not self._ended.is_set():
            if pulsectl is None or not self._follow(pulsectl):
                self._tell(self._elsewhere())
            self._ended.wait(_RETRY_SECONDS)

    def _follow(self, pulsectl: Any) -> bool:
        """Follow the server until it ends; False where there was none."""
        try:
            with pulsectl.Pulse(_CLIENT) as pulse:
                changed = threading.Event()

                def on_event(_event: object) -> None:
                    changed.set()
                    raise pulsectl.PulseLoopStop

                pulse.event_mask_set("sink", "source", "server")
                pulse.event_callback_set(on_event)
                self._tell(survey(pulse))
                while not self._ended.is_set():
                    if not changed.is_set():  # one may have come while we were asking
                        pulse.event_listen(timeout=_LOOK_SECONDS)
                    if changed.is_set():
                        changed.clear()
                        self._tell(survey(pulse))
        except (pulsectl.PulseError, pulsectl.PulseDisconnected):
            return False
        return True

    def _tell(self, found: Survey) -> None:
        if found != self._told:
            self._told = found
            self._on_survey(found)


def survey(pulse: Any) -> Survey:
    """Sinks and sources of a server; a sink's monitor is no microphone."""
    server = pulse.server_info()
    sources = [one for one in pulse.source_list() if one.monitor_of_sink in {None, _NO_INDEX}]
    found = [_found(one, "output", server.default_sink_name) for one in pulse.sink_list()]
    found += [_found(one, "input", server.default_source_name) for one in sources]
    return Survey(with_names_apart(found))


_NO_INDEX = 0xFFFFFFFF  # PA_INVALID_INDEX


def _found(node: Any, direction: Direction, default: str) -> Found:
    device = AudioDevice(node.description or node.name, direction, node.name == default)
    return Found(device, node.name, on_server=True, instance=int(node.index))


def settle_stream(direction: Direction, key: str) -> int:
    """See that this process's newest stream is at the device it was opened for, and move it there if not.

    ALSA's plugin for PipeWire does not read PULSE_SOURCE and PULSE_SINK.

    Returns:
        The latency of the device itself in microseconds, 0 where it is not known.
    """
    import pulsectl

    try:
        with pulsectl.Pulse(_CLIENT) as pulse:
            if direction == "input":
                nodes, streams, move = (
                    pulse.source_list(),
                    pulse.source_output_list(),
                    pulse.source_output_move,
                )
            else:
                nodes, streams, move = pulse.sink_list(), pulse.sink_input_list(), pulse.sink_input_move
            node = next((one for one in nodes if one.name == key), None)
            own = [one for one in streams if one.proplist.get("application.process.id") == str(os.getpid())]
            if node is None or not own:
                return 0
            newest = max(own, key=lambda one: int(one.index))
            at = newest.source if direction == "input" else newest.sink
            if at != node.index:
                move(newest.index, node.index)
            return int(node.latency) if direction == "output" else 0
    except (pulsectl.PulseError, pulsectl.PulseDisconnected):
        return 0
