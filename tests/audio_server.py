"""A private PulseAudio with a virtual microphone and a virtual speaker.

As a fixture it is `audio_server`; from a script, to drive the application by hand:

    with private_audio() as audio:      # sets PULSE_SERVER and the like while it lasts
        audio.say("Hello there.")       # into the microphone, by espeak-ng
        with audio.listening() as heard:
            ...
        heard.pcm                       # what the speaker played, PCM16 mono 24 kHz
        audio.remove_microphone()
        audio.put_back_microphone()

The microphone is called MICROPHONE, the speaker SPEAKER; `add_speaker` and `add_microphone` make more.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aiproxy_desktop.audio.pcm import bytes_of, samples_of
from aiproxy_desktop.audio.sound_file import decoded

MICROPHONE = "Desk Microphone"
SPEAKER = "Desk Speaker"

_START_SECONDS = 60.0
_LOUDEST = 23_000  # -3 dB
_CONFIG = """\
load-module module-native-protocol-unix auth-anonymous=1 socket={folder}/native
"""
_NAMES = (
    "XDG_RUNTIME_DIR",
    "PULSE_RUNTIME_PATH",
    "PULSE_SERVER",
    "PULSE_COOKIE",
    "PULSE_SOURCE",
    "PULSE_SINK",
)


class Heard:
    """What a sink has played while it was listened to: PCM16 mono at `rate`."""

    def __init__(self, process: subprocess.Popen[bytes], rate: int) -> None:
        self.rate = rate
        self.began = 0.0  # time.monotonic() when the first bytes came
        self._process = process
        self._pcm = bytearray()
        self._first = threading.Event()
        self._thread = threading.Thread(target=self._read, name="test listener")
        self._thread.start()

    @property
    def pcm(self) -> bytes:
        """All that was heard so far."""
        return bytes(self._pcm)

    @property
    def seconds(self) -> float:
        """How long it has listened."""
        return len(self._pcm) / 2 / self.rate

    def wait_for_first(self) -> None:
        """Until it listens in truth."""
        assert self._first.wait(_START_SECONDS), "the sink is not heard"

    def end(self) -> None:
        """Listen no more."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while part := os.read(self._process.stdout.fileno(), 4096):
            if not self._pcm:
                self.began = time.monotonic()
            self._pcm += part
            self._first.set()


class AudioServer:
    """The server and its virtual devices."""

    def __init__(self, folder: Path, realtime: bool = False) -> None:
        self.folder = folder
        self._realtime = "yes" if realtime else "no"
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.variables = {
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(runtime),
            "PULSE_SERVER": f"unix:{folder}/native",
            "PULSE_COOKIE": str(folder / "cookie"),
        }
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
        } | self.variables
        self._process: subprocess.Popen[bytes] | None = None
        self._modules: dict[str, list[str]] = {}

    def start(self) -> None:
        """Start it, with one microphone and one speaker, which are the defaults."""
        self.start_empty()
        self.add_speaker("speaker", SPEAKER)
        self.add_microphone("virtmic", MICROPHONE)
        self.set_default_speaker("speaker")
        self.set_default_microphone("virtmic")

    def start_empty(self) -> None:
        """Start the server without any device; after `stop` this is the service that comes back."""
        config = self.folder / "server.pa"
        config.write_text(_CONFIG.format(folder=self.folder))
        with (self.folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                (
                    *("pulseaudio", "-n", "-F", str(config), "--daemonize=no", "--exit-idle-time=-1"),
                    *(
                        "--disable-shm=yes",
                        "--use-pid-file=no",
                        f"--realtime={self._realtime}",
                        "--high-priority=yes",
                    ),
                ),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _START_SECONDS
        while subprocess.run(["pactl", "info"], env=self.environment, capture_output=True).returncode:
            assert time.monotonic() < deadline, (self.folder / "server.log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server, and its devices with it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        self._modules.clear()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """The server answers nobody while the block lasts."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def pactl(self, *arguments: str) -> str:
        """Ask or tell the server something."""
        done = subprocess.run(
            ["pactl", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
        )
        assert done.returncode == 0, f"pactl {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def add_speaker(self, name: str, description: str, rate: int = 48_000) -> None:
        """Plug a speaker in; `name` is the server's, `description` what people see."""
        self._load(
            name,
            "module-null-sink",
            f"sink_name={name}",
            "norewinds=1",  # else an idle one sleeps for two seconds
            f"rate={rate}",
            f"sink_properties=\"device.description='{description}'\"",
        )

    def add_microphone(self, name: str, description: str, rate: int = 48_000) -> None:
        """Plug a microphone in; what is said to it is played into its feed."""
        feed = f"{name}_feed"
        if feed not in self._modules:
            self._load(
                feed,
                "module-null-sink",
                f"sink_name={feed}",
                f"rate={rate}",
                "norewinds=1",
                f"sink_properties=\"device.description='Feed of {description}'\"",
            )
        self._load(
            name,
            "module-remap-source",
            f"source_name={name}",
            f"master={feed}.monitor",
            f"source_properties=\"device.description='{description}'\"",
        )

    def remove(self, name: str) -> None:
        """Unplug a device; a microphone's feed stays, so that what is said to it is simply not heard."""
        for module in self._modules.pop(name):
            self.pactl("unload-module", module)

    def remove_microphone(self) -> None:
        """Unplug the microphone."""
        self.remove("virtmic")

    def put_back_microphone(self) -> None:
        """Plug it in again; it is the default again."""
        self.add_microphone("virtmic", MICROPHONE)
        self.set_default_microphone("virtmic")

    def set_default_speaker(self, name: str) -> None:
        """As in the system's settings."""
        self.pactl("set-default-sink", name)

    def set_default_microphone(self, name: str) -> None:
        """As in the system's settings."""
        self.pactl("set-default-source", name)

    def speech(self, text: str, rate: int = 24_000) -> bytes:
        """Speech as PCM16 mono, by espeak-ng."""
        spoken = self.folder / "spoken.wav"
        subprocess.run(["espeak-ng", "-w", str(spoken), text], env=self.environment, check=True)
        samples = samples_of(decoded(spoken.read_bytes(), spoken.name).at(rate).pcm)
        # Some headroom, so that no conversion on the way has to clip.
        loudest = max(map(abs, samples))
        return bytes_of(array("h", [sample * _LOUDEST // loudest for sample in samples]))

    def say(self, text: str, microphone: str = "virtmic") -> bytes:
        """Speak into the microphone, and wait until it was said; PCM16 mono 24 kHz of what was said."""
        pcm = self.speech(text)
        self.play(pcm, 24_000, microphone)
        return pcm

    def play(self, pcm: bytes, rate: int, microphone: str = "virtmic") -> None:
        """Play PCM16 mono into the microphone, and wait until it was played."""
        self.playing(pcm, rate, microphone).wait(timeout=_START_SECONDS + len(pcm) / 2 / rate)

    def playing(self, pcm: bytes, rate: int, microphone: str = "virtmic") -> subprocess.Popen[bytes]:
        """Start playing PCM16 mono into the microphone; the player, to be waited for."""
        file = self.folder / f"play-{time.monotonic_ns()}.wav"
        with wave.open(str(file), "wb") as opened:
            opened.setnchannels(1)
            opened.setsampwidth(2)
            opened.setframerate(rate)
            opened.writeframes(pcm)
        return subprocess.Popen(
            ["paplay", f"--device={microphone}_feed", "--latency-msec=40", str(file)], env=self.environment
        )

    @contextmanager
    def speaking(self, text: str, microphone: str = "virtmic") -> Iterator[None]:
        """Speak into the microphone while the block runs, and fall silent at its end."""
        player = self.playing(self.speech(text), 24_000, microphone)
        try:
            yield
        finally:
            player.terminate()
            player.wait()

    @contextmanager
    def listening(self, speaker: str = "speaker", rate: int = 24_000) -> Iterator[Heard]:
        """Hear what a speaker plays, from now until the end of the block."""
        process = subprocess.Popen(
            (
                *("parec", f"--device={speaker}.monitor", "--raw", "--format=s16le", "--channels=1"),
                *(f"--rate={rate}", "--latency-msec=10"),
            ),
            env=self.environment,
            stdout=subprocess.PIPE,
        )
        heard = Heard(process, rate)
        try:
            heard.wait_for_first()
            yield heard
        finally:
            heard.end()

    def _load(self, name: str, *module: str) -> None:
        self._modules.setdefault(name, []).insert(0, self.pactl("load-module", *module))


@contextmanager
def private_audio(*, empty: bool = False, realtime: bool = False) -> Iterator[AudioServer]:
    """A server which this process and its children use while the block lasts.

    Args:
        empty: without a microphone and a speaker.
        realtime: the server goes before all else, as it does on a desktop, where it is allowed to.
    """
    # Not below tmp_path: the name of a socket is at most 107 bytes long.
    folder = Path(tempfile.mkdtemp(prefix="audio-"))
    server = AudioServer(folder, realtime)
    before = {name: os.environ.get(name) for name in _NAMES}
    try:
        for name in _NAMES:
            os.environ.pop(name, None)
        os.environ.update(server.variables)
        if empty:
            server.start_empty()
        else:
            server.start()
        yield server
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def audio_server() -> Iterator[AudioServer]:
    """A private server with a microphone and a speaker; this process uses it while the test runs."""
    with private_audio() as server:
        yield server
