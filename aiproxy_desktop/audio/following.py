"""A stream that follows its device: opened when it is there, told as missing when it is not."""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from aiproxy_desktop.audio.devices import Found, Survey
from aiproxy_desktop.audio.open_devices import DeviceGoneError
from aiproxy_desktop.audio.portaudio import NoWayError
from aiproxy_desktop.audio.values import Direction, OnStatus, StreamState, StreamStatus
from aiproxy_desktop.system import hurry_this_thread

_AGAIN_SECONDS = 0.5
_FIRST_SURVEY_SECONDS = 5.0
# A stream whose thread was not seen for so long is stuck in a call: the sound system does not answer.
_STUCK_SECONDS: dict[StreamState, float] = {"open": 1.5, "opening": 3.0}
_STUCK = "The sound system of this computer does not answer. It goes on as soon as it does."


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Close it."""
        ...


D = TypeVar("D", bound=Closing)


@dataclass(frozen=True, eq=False, slots=True)
class Wanted:
    """What the person chose; compared by identity, so that asking again opens again."""

    device: str
    rate: int


class FollowedStream(ABC, Generic[D]):
    """The thread of a microphone or a speaker, from `open` to `close`."""

    direction: Direction

    def __init__(self, survey: Callable[[], Survey | None], on_status: OnStatus) -> None:
        self._survey = survey
        self._on_status = on_status
        self._changed = threading.Condition()
        self._version = 0
        self._wanted: Wanted | None = None
        self._status = StreamStatus("closed")
        self._thread: threading.Thread | None = None
        self._seen = 0.0  # when its thread was last known to run

    @property
    def status(self) -> StreamStatus:
        """How it stands. That it is stuck is not called out: whoever asks sees it."""
        status = self._status
        if time.monotonic() - self._seen > _STUCK_SECONDS.get(status.state, math.inf):
            return replace(status, state="missing", sentence=_STUCK)
        return status

    def close(self) -> None:
        """Not wanted any more; its thread ends by itself."""
        with self._changed:
            self._wanted = None
            self._wake()

    def join(self, until: float) -> bool:
        """Wait for the end of its thread, after `close`.

        Args:
            until: no longer than that, `time.monotonic()`: a sound system that hangs has to end no more.

        Returns:
            whether it ended.
        """
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        thread.join(timeout=max(0.0, until - time.monotonic()))
        return not thread.is_alive()

    def devices_changed(self) -> None:
        """Look whether its device came or went. That it is gone is told before its thread notices."""
        with self._changed:
            self._wake()
            wanted = self._wanted
        survey = self._survey()
        if wanted and survey and survey.choose(self.direction, wanted.device) is None:
            self._tell(wanted, StreamStatus("missing", wanted.device, self._absent(wanted.device, survey)))

    def _follow(self, wanted: Wanted) -> None:
        with self._changed:
            self._wanted = wanted
            self._seen = time.monotonic()
            self._wake()
            before = self._thread
            if before is not None and before.is_alive() and self._status.state != "closed":
                return
            self._status = StreamStatus("opening", wanted.device)
            name = f"{self.direction} of sound"
            self._thread = threading.Thread(target=self._body, args=(before,), name=name, daemon=True)
            self._thread.start()

    def _wake(self) -> None:
        self._version += 1
        self._changed.notify_all()

    def _body(self, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        hurry_this_thread()
        with self._changed:
            self._changed.wait_for(lambda: self._survey() is not None, timeout=_FIRST_SURVEY_SECONDS)
        while True:
            with self._changed:
                wanted = self._wanted
                if wanted is None:
                    self._status = StreamStatus("closed")
                    break
            self._serve(wanted)
        self._on_status(self._status)

    def _serve(self, wanted: Wanted) -> None:
        """One device, for as long as it is the right one; or the time without one."""
        survey = self._survey() or Survey()
        found = survey.choose(self.direction, wanted.device)
        if found is None:
            self._tell(wanted, StreamStatus("missing", wanted.device, self._absent(wanted.device, survey)))
            self._without(self._staleness(wanted, None), None)
            return
        stale = self._staleness(wanted, found)
        self._seen = time.monotonic()
        try:
            device = self._start(found, wanted)
        except DeviceGoneError as error:
            name = found.device.name
            self._tell(wanted, StreamStatus("missing", name, self._refused(name, error)))
            self._without(stale, _AGAIN_SECONDS)
            return
        try:
            self._tell(wanted, StreamStatus("open", found.device.name))
            self._use(device, stale)
        except DeviceGoneError:
            if not stale():  # else the list of devices knows better what happened
                name = found.device.name
                self._tell(wanted, StreamStatus("missing", name, self._absent(name, Survey())))
                self._without(stale, _AGAIN_SECONDS)
        finally:
            device.close()

    def _staleness(self, wanted: Wanted, found: Found | None) -> Callable[[], bool]:
        """A cheap question for each block: is this still what is wanted, and the device still the one?"""
        seen = self._version

        def stale() -> bool:
            nonlocal seen
            self._seen = time.monotonic()
            if self._version == seen:
                return False
            seen = self._version
            if self._wanted is not wanted:
                return True
            now = (self._survey() or Survey()).choose(self.direction, wanted.device)
            return _instance(now) != _instance(found)

        # What changed before `seen` was read is looked at once.
        seen -= 1
        return stale

    def _tell(self, wanted: Wanted, status: StreamStatus) -> None:
        with self._changed:
            if self._wanted is not wanted or status == self._status:
                return
            self._status = status
        self._on_status(status)

    def _absent(self, name: str, survey: Survey) -> str:
        kind = "microphone" if self.direction == "input" else "speaker"
        if survey.problem:
            return survey.problem
        if name:
            return f"The {kind} “{name}” is not connected. It is used again as soon as it is back."
        return f"No {kind} is connected. One is used as soon as it is there."

    def _refused(self, name: str, error: DeviceGoneError) -> str:
        kind = "microphone" if self.direction == "input" else "speaker"
        if isinstance(error, NoWayError):
            reason = "ALSA knows no way to the sound server. Install libasound2-plugins or pipewire-alsa"
        else:
            reason = "another program may hold it"
        return f"The {kind} “{name}” cannot be opened: {reason}. It is tried again by itself."

    @abstractmethod
    def _start(self, found: Found, wanted: Wanted) -> D:
        """Open the device."""

    @abstractmethod
    def _use(self, device: D, stale: Callable[[], bool]) -> None:
        """Use it until it is stale, or raises that it is gone."""

    def _without(self, stale: Callable[[], bool], seconds: float | None) -> None:
        """Pass the time without a device until something changed, and no longer than that."""
        with self._changed:
            self._changed.wait_for(stale, timeout=seconds)


def _instance(found: Found | None) -> tuple[str, int] | None:
    return None if found is None else (found.key, found.instance)
