"""What pacing did to a run's answers, for the lines below their scores."""

from __future__ import annotations

from collections.abc import Sequence

from omnibench.predictions.folder import Predictions


def described_shifts(answers: Predictions, dialogues: Sequence[str]) -> list[str]:
    """How much came late and what no longer fits, in words; nothing for answers that are not paced.

    Args:
        answers: a folder of paced answers.
        dialogues: those that were asked for.
    """
    paced = answers.ran.paced
    entries = [answers.entry(dialogue) for dialogue in dialogues]
    shifts = [entry.shift for entry in entries if entry is not None and entry.shift is not None]
    if paced is None or not shifts:
        return []
    late = [shift for shift in shifts if shift.delay or shift.words or shift.audio or shift.face or shift.image]
    ahead = f"{paced.buffer} frame of play-out"
    if not late:
        return [f"pace: all of {len(shifts)} dialogues in time, with {ahead}"]
    lost, said = sum(shift.words for shift in shifts), sum(shift.words_said for shift in shifts)
    sound, frames = sum(shift.audio for shift in shifts), sum(shift.face + shift.image for shift in shifts)
    delay = max(shift.delay for shift in shifts)
    return [
        f"pace: {len(late)} of {len(shifts)} dialogues late, by {delay:.2f} s at most, with {ahead}",
        f"no longer in the clips: {lost} of {said} words, {sound:.1f} s of sound, {frames} frames of the face",
    ]
