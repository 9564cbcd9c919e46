"""Whether an answer plays somebody else's recording: the fingerprint of its sound, looked for in all recordings of the
split but the human listener's own, which another flag is for.

Fingerprints are those of `leaderboard.judging.fingerprints`. They are compared at every lag at once, by the fast
Fourier transform of their signs; a match has to last, since over all lags and recordings a short one comes up by
chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leaderboard.judging.fingerprints import BANDS, HOP_SECONDS, Sound, sound_of
from omnibench.datasets.base import DataSet
from omnibench.types import Dialogue

SAME: Final = 0.2
"""Share of bits that differ at most, and `LEAST` frames (1.5 s) that are compared at least. People: .285 and more (one
person who says one phrase twice); recordings that are played: 0."""
LEAST: Final = 15
LEAST_DIALOGUES: Final = 3
FINE: Final = 4
"""Steps of an answer's fingerprint in a frame of a recording's."""


@dataclass(frozen=True, slots=True)
class Played:
    """``recording`` as the split has it (dialogue and role), the share of bits that ``differ`` in ``seconds``, and how
    much ``later`` than in the recording.
    """

    recording: str
    differ: float
    seconds: float
    later: float


@dataclass
class Recordings:
    """The fingerprints of a split, by dialogue and role."""

    sounds: dict[tuple[str, str], Sound] = field(default_factory=dict)
    closest: dict[str, Played] = field(default_factory=dict)
    """By dialogue, the recording that an answer is most like."""
    heard: int = 0
    """Answers with sound."""
    _spectra: dict[tuple[tuple[str, str], int], NDArray[np.complex64]] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: DataSet, split: str) -> Recordings:
        """Those of everybody who is heard in the split."""
        found = cls()
        for dialogue in dataset.dialogues(split):
            found.add(dialogue)
        return found

    def add(self, dialogue: Dialogue) -> None:
        """The two people of a dialogue."""
        for role, track in (("speaker", dialogue.speaker), ("listener", dialogue.listener)):
            if track.has_audio:
                self.sounds[dialogue.id, role] = sound_of(track.audio(), dialogue.sample_rate)

    def look(self, samples: NDArray[np.floating], rate: int, dialogue: str) -> None:
        """Note what an answer in ``dialogue`` plays, if anything. Arguments are those of `played`."""
        self.heard += 1
        best = self.played(samples, rate, dialogue)
        if best is not None:
            self.closest[dialogue] = best

    def flag(self) -> dict[str, Any] | None:
        """The flag with its evidence (fields of `leaderboard.entry.schema.Flag`), or None."""
        found = {name: played for name, played in self.closest.items() if played.differ < SAME}
        if len(found) < LEAST_DIALOGUES:
            return None
        name, first = next(iter(found.items()))
        message = (
            f"The sound is a recording of somebody else in {len(found)} of {self.heard} dialogues; in {name}, "
            f"{first.seconds:.1f} s of {first.recording} ({1 - first.differ:.0%} of the fingerprint's bits)."
        )
        return {"kind": "plays_a_recording", "message": message, "dialogues": list(found)}

    def check(self) -> str:
        """What `leaderboard.entry.schema.Verification` says of the check."""
        if not self.heard:
            return "not looked for: the model answers without sound"
        if self.heard < LEAST_DIALOGUES or not self.sounds:
            return f"not looked for: {self.heard} answers and {len(self.sounds)} recordings to compare"
        return "checked"

    def played(self, samples: NDArray[np.floating], rate: int, dialogue: str) -> Played | None:
        """The recording that an answer in ``dialogue`` is most like, of those that are long enough to tell; None where
        there is none.

        Args:
            samples: ``(n,)`` in [-1, 1].
            rate: samples per second.
            dialogue: whose human listener is left out.
        """
        fine = sound_of(samples, rate, HOP_SECONDS / FINE)
        best: Played | None = None
        for phase in range(FINE):
            mine = Sound(fine.bits[phase::FINE], fine.voiced[phase::FINE])
            if mine.voiced.sum() < LEAST:
                continue
            for name, theirs in self.sounds.items():
                if name == (dialogue, "listener") or theirs.voiced.sum() < LEAST:
                    continue
                differ, frames, lag = self._closest(mine, name)
                if frames and (best is None or differ < best.differ):
                    later = lag * HOP_SECONDS + phase * HOP_SECONDS / FINE
                    best = Played(f"{name[0]} ({name[1]})", differ, frames * HOP_SECONDS, later)
        return best

    def _closest(self, mine: Sound, name: tuple[str, str]) -> tuple[float, int, int]:
        """``(bit error, frames, lag)`` where at least `LEAST` frames lie upon one another; no frames where none do."""
        theirs = self.sounds[name]
        size = 1 << (len(mine.bits) + len(theirs.bits) - 1).bit_length()
        if (name, size) not in self._spectra:
            self._spectra[name, size] = _spectra(theirs, size)
        product = _spectra(mine, size) * self._spectra[name, size].conj()
        together = np.fft.irfft(product[0], size)
        agreement = np.fft.irfft(product[1:].sum(axis=0), size)
        enough = together > LEAST - 0.5
        if not enough.any():
            return 1.0, 0, 0
        error = np.where(enough, 0.5 - 0.5 * agreement / (np.maximum(together, 1) * (BANDS - 1)), 1.0)
        at = int(error.argmin())
        return float(error[at]), round(float(together[at])), at if at < len(mine.bits) else at - size


def _spectra(sound: Sound, size: int) -> NDArray[np.complex64]:
    """``(BANDS, size // 2 + 1)``: of where there is sound, and of the sign of each bit there."""
    signs = np.where(sound.bits, 1.0, -1.0) * sound.voiced[:, None]
    return np.fft.rfft(np.column_stack([sound.voiced.astype(np.float64), signs]).T, size, axis=1).astype(np.complex64)
