"""Whether one person's vectors, pictures and sound last alike, as files of one recording do."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

MAY_DIFFER_BY: Final = 2
"""Frames by which the files of one recording may differ."""
SOUND_TOLERANCE: Final = Fraction(1, 50)
"""Share by which vectors may differ from sound, where no pictures are: 24 and 25 a second lie 4 % apart."""
_PICTURE_TOLERANCE: Final = Fraction(1, 5)


def disagreement(
    fps: Fraction, vectors: int | None, pictures: int | None, sound: Fraction | None
) -> tuple[Literal["vector", "audio"], str] | None:
    """Which file of one person does not belong to the others (``vector`` or ``audio``), and why; None where all do.

    There is one vector for each picture, to within two frames. Without pictures the vectors may differ from the sound
    by two frames or 2 %. Sound may begin to be missing, or go on, up to a fifth of the pictures before or after their
    end: silence fills it and nothing more is played; beyond, one of the two runs at another speed.

    Args:
        fps: the dialogue's.
        vectors: how many; None for no such file, here and below.
        pictures: how many frames they fill.
        sound: its seconds.
    """
    heard = None if sound is None else sound * fps
    lasting = {"the vectors": vectors, "the pictures": pictures, "the sound": heard}
    told = ", ".join(f"{name} {float(frames / fps):.2f} s" for name, frames in lasting.items() if frames is not None)
    clock, frames = ("sound", heard) if pictures is None else ("pictures", Fraction(pictures))
    if vectors is not None and frames is not None:
        allowed = _allowed(frames, Fraction(0) if pictures is not None else SOUND_TOLERANCE)
        if abs(vectors - frames) > allowed:
            pace = f"; over the {clock} they come at {float(vectors * fps / frames):.4g} a second" if frames else ""
            return "vector", (
                f"more than {MAY_DIFFER_BY} frames apart at {float(fps):.4g} a second: {told}{pace}. Expected a vector "
                f"for every frame, NaN where there is no face: track it again."
            )
    if pictures is None or heard is None:
        return None
    if abs(heard - pictures) > _allowed(Fraction(pictures), _PICTURE_TOLERANCE):
        return "audio", (
            f"more than a fifth shorter or longer than the pictures: {told}. Expected one recording: one of the two "
            f"runs at another speed, or is of another clip."
        )
    return None


def _allowed(frames: Fraction, share: Fraction) -> Fraction:
    return max(Fraction(MAY_DIFFER_BY), frames * share)
