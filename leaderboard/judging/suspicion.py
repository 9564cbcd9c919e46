"""What looks wrong in answers, measured against the people of the data set. A flag is a notice with its evidence.

Each check says of one dialogue what it found, or nothing; `examine` goes through a split, looks at how alike answers
and human listeners are over all of it (`leaderboard.judging.disguise`) and whether the parts of answers belong together
(`leaderboard.judging.answers`), and keeps the fingerprints by which later entries recognise a copy of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from rapidfuzz.distance import Levenshtein

from leaderboard.judging.answers import Answers
from leaderboard.judging.disguise import Comparison
from leaderboard.judging.fingerprints import SAME_SOUND, fingerprint, nearest_copy, plain_words
from leaderboard.judging.foreseen_ends import TurnEnds
from omnibench.datasets.base import DataSet
from omnibench.errors import InputError
from omnibench.predictions.folder import PredictedDialogue, Predictions
from omnibench.types import Dialogue, Word

SAME_WORDS: Final = 0.9
LEAST_WORDS: Final = 6
SAME_TIMES_SECONDS: Final = 0.03
SAME_TIMES_SHARE: Final = 0.8
SAME_CURVES: Final = 0.98
MOVING_CURVE: Final = 0.01
CURVES: Final = 10
STILL_STEP: Final = 1e-5
STILL_SHARE: Final = 0.95
STILL_PICTURE: Final = 0.1
FIRST_FRAME_LOUDNESS: Final = 0.01
FORESEEN_WORDS: Final = 5
COPY_LAGS: Final = (-1.0, 1.0)
FORESEEN_LAGS: Final = (-2.0, -0.1)

Finding = str | None
Check = Callable[[PredictedDialogue, Dialogue], Finding]


def copied_words(answer: PredictedDialogue, reference: Dialogue) -> Finding:
    """The human listener's words, or words at the very times of theirs."""
    if answer.text is None:
        return None
    said, human = plain_words(answer.text), plain_words(reference.listener.text)
    if min(len(said), len(human)) >= LEAST_WORDS:
        likeness = Levenshtein.normalized_similarity(said, human)
        if likeness >= SAME_WORDS:
            return f"{likeness:.0%} of the words are the human listener's"
    starts, theirs = ([w.start for w in words] for words in (answer.words or (), reference.listener.words))
    if min(len(starts), len(theirs)) >= LEAST_WORDS:
        nearest = np.abs(np.subtract.outer(starts, theirs)).min(axis=1)
        share = float((nearest <= SAME_TIMES_SECONDS).mean())
        if share >= SAME_TIMES_SHARE:
            return f"{share:.0%} of the words start within {SAME_TIMES_SECONDS * 1000:.0f} ms of the human listener's"
    return None


def copied_sound(answer: PredictedDialogue, reference: Dialogue) -> Finding:
    """The human listener's sound, up to a second earlier or later."""
    if answer.audio is None or not reference.listener.has_audio:
        return None
    found = nearest_copy(*answer.audio, reference.listener.audio(), reference.sample_rate, COPY_LAGS)
    if found is None or found[0] >= SAME_SOUND:
        return None
    return f"{1 - found[0]:.0%} of the fingerprint's bits are the human listener's"


def copied_face(answer: PredictedDialogue, reference: Dialogue) -> Finding:
    """The human listener's movements: the curves that move most in the original run alike."""
    face = answer.face
    if face is None or reference.listener.file("vector") is None:
        return None
    human = np.nan_to_num(reference.listener.face(0, len(face)).astype(np.float64))
    mine = face[: len(human)].astype(np.float64)
    spread = human.std(axis=0)
    moving = [i for i in np.argsort(-spread)[:CURVES] if spread[i] > MOVING_CURVE * max(1.0, float(spread.max()))]
    moving = [i for i in moving if mine[:, i].std() > 0]
    if len(moving) < CURVES // 2:
        return None
    likeness = float(np.median([np.corrcoef(mine[:, i], human[:, i])[0, 1] for i in moving]))
    return (
        f"its {len(moving)} liveliest curves run like the human's (r = {likeness:.3f})"
        if likeness >= SAME_CURVES
        else None
    )


def frozen_face(answer: PredictedDialogue, _: Dialogue) -> Finding:
    """A face that stands still: by its coefficients, or where there are none, by its pictures."""
    face = answer.face
    if face is not None:
        if len(face) < 2:
            return None
        still = float((np.abs(np.diff(face, axis=0)).max(axis=1) < STILL_STEP).mean())
        return f"{still:.0%} of the frames are the frame before" if still >= STILL_SHARE else None
    if answer.media.images is None:
        return None
    before, changes = None, []
    for image in answer.media.pictures():
        small = image[::4, ::4].astype(np.float32)
        if before is not None:
            changes.append(float(np.abs(small - before).mean()))
        before = small
    still = float((np.asarray(changes) < STILL_PICTURE).mean()) if changes else 0.0
    return f"{still:.0%} of the pictures are the picture before" if still >= STILL_SHARE else None


def precedes_cause(answer: PredictedDialogue, reference: Dialogue) -> Finding:
    """Something an online model cannot know: an answer in the very first frame, or what the speaker says only later."""
    try:
        frame = 1 / float(reference.fps)
    except InputError:
        # Texts alone have no frames; then only what was said when is left to look at.
        frame = 0.0
    words = answer.words or ()
    if words and words[0].start < frame / 2:
        return f'"{words[0].text}" starts at {words[0].start:g} s; no answer can be heard before {frame:.3f} s'
    if answer.audio is not None:
        samples, rate = answer.audio
        first = samples[: int(frame * rate)].astype(np.float64)
        loudness = float(np.sqrt(np.mean(first**2))) if len(first) else 0.0
        if loudness > FIRST_FRAME_LOUDNESS:
            return f"sound in the first frame (RMS {loudness:.3f}), before any answer can be heard"
    foreseen = foreseen_words(words, reference.speaker.words)
    if foreseen:
        return foreseen
    if answer.audio is None or not reference.speaker.has_audio:
        return None
    found = nearest_copy(*answer.audio, reference.speaker.audio(), reference.sample_rate, FORESEEN_LAGS)
    if found is None or found[0] >= SAME_SOUND:
        return None
    return f"it plays the speaker's sound {-found[1]:.1f} s before the speaker makes it"


def foreseen_words(said: Sequence[Word], heard: Sequence[Word]) -> Finding:
    """Five words in a row that the speaker says later, and has not said before."""
    theirs: dict[tuple[str, ...], float] = {}
    for gram, start in _grams(heard):
        theirs.setdefault(gram, start)
    for gram, start in _grams(said):
        if gram in theirs and start < theirs[gram]:
            return f'"{" ".join(gram)}" {theirs[gram] - start:.1f} s before the speaker says it'
    return None


def _grams(words: Sequence[Word]) -> list[tuple[tuple[str, ...], float]]:
    flat = [(plain, word.start) for word in words for plain in plain_words(word.text)]
    runs = range(len(flat) - FORESEEN_WORDS + 1)
    return [(tuple(w for w, _ in flat[i : i + FORESEEN_WORDS]), flat[i][1]) for i in runs]


CHECKS: Final[dict[str, tuple[Check, str]]] = {
    "copies_ground_truth_text": (copied_words, "The words are the human listener's"),
    "copies_ground_truth_audio": (copied_sound, "The sound is the human listener's"),
    "copies_ground_truth_face": (copied_face, "The face moves as the human listener's"),
    "frozen_face": (frozen_face, "The face stands still"),
    "precedes_cause": (precedes_cause, "Answers come before what they answer"),
}


@dataclass(frozen=True, slots=True)
class Examined:
    """``flags`` as `leaderboard.entry.schema.Flag` has them, ``checks`` what was looked for, ``fingerprints`` by
    dialogue.
    """

    flags: list[dict[str, Any]]
    checks: dict[str, str]
    fingerprints: dict[str, dict[str, Any]]


def examine(predictions: Predictions, dataset: DataSet, split: str, online: bool) -> Examined:
    """Look at every dialogue that has an answer.

    Args:
        predictions: sound ones.
        dataset: with the people.
        split: of it.
        online: whether the model claims to know no future; an offline one may.
    """
    found: dict[str, dict[str, str]] = {}
    prints: dict[str, dict[str, Any]] = {}
    comparison, turn_ends = Comparison(dataset, split), TurnEnds()
    answers = Answers(dataset, split)
    for name in dataset.ids(split):
        if predictions.status(name)[0] != "ok":
            continue
        answer, reference = predictions.sample(name), dataset.dialogue(split, name)
        for kind, (check, _) in CHECKS.items():
            finding = check(answer, reference) if online or kind != "precedes_cause" else None
            if finding:
                found.setdefault(kind, {})[name] = finding
        comparison.add(answer, reference)
        answers.add(answer, reference)
        turn_ends.add(name, answer.words or (), reference.speaker.words)
        prints[name] = fingerprint(answer.text, answer.audio, answer.face)
    flags = [_flag(kind, dialogues, len(prints)) for kind, dialogues in found.items()] + comparison.flags()
    if online and (early := turn_ends.flag()):
        flags.append(early)
    flags += answers.flags()
    checks = dict.fromkeys(CHECKS, "checked") | comparison.checks() | answers.checks()
    if not online:
        checks["precedes_cause"] = "not looked for: the model does not claim to be online"
    return Examined(flags, checks, prints)


def _flag(kind: str, dialogues: dict[str, str], total: int) -> dict[str, Any]:
    first, evidence = next(iter(dialogues.items()))
    message = f"{CHECKS[kind][1]} in {len(dialogues)} of {total} dialogues; in {first}, {evidence}."
    return {"kind": kind, "message": message, "dialogues": list(dialogues)}
