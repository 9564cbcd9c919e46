"""What the metrics share that rate how speech sounds, on a scale from 1 to 5."""

from __future__ import annotations

from typing import Final

from omnibench.metrics.base import blind, ignore, notice

WORST: Final = 1.0
QUALITY: Final = (
    notice("audio_noise", "dropouts", why="quality of speech is what they rate"),
    ignore("audio_shift", "silence_padding", within=0.05, why="the same voice; only where somebody speaks is rated"),
    blind("other_answer", within=0.02, why="rates the sound alone, whoever should have spoken"),
)
