"""Sounds that are heard from across the room: a count, a start, an end.

Qt's own sound module is not part of PySide6-Essentials, so the system's player plays small files;
where there is none, the system's bell has to do.
"""

import contextlib
import shutil
import sys
import wave
from enum import Enum
from pathlib import Path

import numpy as np
from PySide6.QtCore import QProcess, QTemporaryDir
from PySide6.QtWidgets import QApplication

_RATE_HZ = 44_100
_PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))
"""Programs that play a WAV file: PipeWire, PulseAudio, ALSA, macOS."""


class Sound(Enum):
    """What is heard: pitches in hertz, and the seconds of each."""

    COUNT = ((880.0, 0.12),)
    START = ((1318.5, 0.45),)
    END = ((880.0, 0.16), (587.3, 0.40))


class Sounds:
    """Plays sounds without waiting for them."""

    def __init__(self) -> None:
        self.is_muted = False
        self._folder = QTemporaryDir()
        self._player = next((p for p in _PLAYERS if shutil.which(p[0])), None)

    def play(self, sound: Sound) -> None:
        """Play a sound now, unless all are muted."""
        if self.is_muted:
            return
        if sys.platform == "win32":
            self._play_on_windows(sound)
        elif self._player is None or not self._play_with(self._player, sound):
            QApplication.beep()

    def _play_with(self, player: tuple[str, ...], sound: Sound) -> bool:
        command, *options = player
        started, _ = QProcess.startDetached(command, [*options, str(self._file(sound))])
        return started

    def _play_on_windows(self, sound: Sound) -> None:
        import winsound

        with contextlib.suppress(RuntimeError):
            winsound.PlaySound(  # type: ignore[attr-defined, unused-ignore]
                str(self._file(sound)),
                winsound.SND_FILENAME | winsound.SND_ASYNC,  # type: ignore[attr-defined, unused-ignore]
            )

    def _file(self, sound: Sound) -> Path:
        path = Path(self._folder.path()) / f"{sound.name.lower()}.wav"
        if not path.exists():
            write_sound(sound, path)
        return path


def write_sound(sound: Sound, path: Path) -> None:
    """Write a sound as a WAV file: mono, 16 bits."""
    parts = [_tone(pitch_hz, seconds) for pitch_hz, seconds in sound.value]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        file.writeframes(np.concatenate(parts).tobytes())


def _tone(pitch_hz: float, seconds: float) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """A tone with a soft beginning and end, so that it does not click."""
    t = np.arange(int(seconds * _RATE_HZ)) / _RATE_HZ
    loudness = np.minimum(1.0, np.minimum(t, seconds - t) / 0.015)
    # The octave above makes it carry through a small speaker.
    tone = 0.7 * np.sin(2 * np.pi * pitch_hz * t) + 0.3 * np.sin(4 * np.pi * pitch_hz * t)
    return (tone * loudness * 28_000).astype("<i2")
