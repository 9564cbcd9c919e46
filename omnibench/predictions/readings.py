"""What was read back of a folder's recordings, for the line below its scores."""

from __future__ import annotations

from collections.abc import Sequence

from omnibench.predictions.folder import Predictions


def described_readings(answers: Predictions, dialogues: Sequence[str]) -> list[str]:
    """How much was read, and what could not be; nothing for answers that are not read back.

    Args:
        answers: a folder of answers that were read back.
        dialogues: those that were asked for.
    """
    read = answers.ran.read_back
    if read is None:
        return []
    words = sum(answers.contains("text", dialogue) for dialogue in dialogues)
    faces = [dialogue for dialogue in dialogues if answers.contains("vector", dialogue)]
    entries = [entry for dialogue in faces if (entry := answers.entry(dialogue)) is not None]
    parts = [f"words of {words} dialogues by {read.words}"]
    if faces:
        unseen, frames = sum(entry.unseen or 0 for entry in entries), sum(entry.frames for entry in entries)
        parts.append(f"faces of {len(faces)} by {read.faces}, none seen in {unseen} of {frames} frames")
    return [f"read back: {'; '.join(parts)}"]
