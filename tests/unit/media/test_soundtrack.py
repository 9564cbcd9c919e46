"""The sound that an MP4 carries itself: on the clock of its pictures, one voice, or an error that says what to do."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from films import film
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.media.soundtrack import soundtrack

RATE, FPS, FRAMES = 16_000, 25, 50


PICTURES = [np.full((64, 64, 3), 90, np.uint8)] * FRAMES


def grey(path: Path, sound: NDArray[np.float32] | None) -> Path:
    """Two seconds of grey pictures with ``(channels, n)`` of sound."""
    return film(path, PICTURES, Fraction(FPS), sound, RATE)


def burst(at: float) -> NDArray[np.float32]:
    time = np.arange(2 * RATE) / RATE
    return (0.5 * np.sin(2 * np.pi * 300 * time) * ((time >= at) & (time < at + 0.5))).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_voice_is_where_it_was(tmp_path: Path, channels: int) -> None:
    sound = burst(0.75)
    found = soundtrack(grey(tmp_path / "a.mp4", np.repeat(sound[None], channels, 0)))
    assert found is not None
    samples, rate = found
    assert (len(samples), rate) == (2 * RATE, RATE)
    near = np.correlate(samples[RATE // 2 :], sound[RATE // 2 + 400 : -400], "valid")
    assert abs(int(np.argmax(near)) - 400) <= RATE // 1000


def test_silent_films_and_two_voices(tmp_path: Path) -> None:
    assert soundtrack(grey(tmp_path / "silent.mp4", None)) is None
    with pytest.raises(InputError, match=r"2 channels of sound that differ; expected one voice.*pan=mono"):
        soundtrack(grey(tmp_path / "two.mp4", np.stack([burst(0.2), burst(1.2)])))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(InputError, match=r"broken\.mp4"):
        soundtrack(broken)
