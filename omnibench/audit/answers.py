"""The human listeners' own tracks as a folder of predictions, and damaged copies of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from omnibench.audit.damage import reordered
from omnibench.audit.damage_table import Damage, Rng, generator
from omnibench.datasets.base import DataSet
from omnibench.media.audio import write_wav
from omnibench.media.video import VideoWriter, read_frames, video_info
from omnibench.predictions.folder import SUFFIXES, Part, Predictions
from omnibench.types import Dialogue, Face, Image, Word


class Panel(DataSet):
    """A data set cut down to some dialogues of one split.

    Args:
        dataset: the whole.
        split: the only split of the panel.
        ids: in manifest order.
    """

    def __init__(self, dataset: DataSet, split: str, ids: tuple[str, ...]) -> None:
        self._dataset, self._split, self._ids = dataset, split, ids
        self.name, self.version, self.root = dataset.name, dataset.version, dataset.root
        self.default_protocol = dataset.default_protocol

    def splits(self) -> tuple[str, ...]:
        """The one split."""
        return (self._split,)

    def ids(self, split: str) -> tuple[str, ...]:
        """The dialogues of the panel. Raises UsageError for a split that the data set does not have."""
        return self._ids if split == self._split else self._dataset.ids(split)

    def dialogue(self, split: str, dialogue_id: str) -> Dialogue:
        """As the whole has it. Raises as it does."""
        return self._dataset.dialogue(split, dialogue_id)

    def manifest_hash(self, split: str) -> str:
        """The whole's."""
        return self._dataset.manifest_hash(split)


def write_perfect(dataset: DataSet, split: str, folder: Path, parts: Collection[Part]) -> None:
    """Write what the human listeners of a split said and did as if a model had answered so, as far as ``parts`` and
    the data set go.

    Files that a data set has as predictions have them are linked; other sound is written as WAV, and pictures that are
    drawn from coefficients are encoded.
    """
    for dialogue_id in dataset.ids(split):
        reference = dataset.dialogue(split, dialogue_id)
        track = reference.listener
        text, vector, video = (track.file(modality) for modality in ("text", "vector", "video"))
        if "text" in parts and (text is not None or track.words):
            _write_words(_place(folder, "text", dialogue_id), track.words, track.text)
        if "vector" in parts and vector is not None:
            _write_face(_place(folder, "vector", dialogue_id), track.face())
        if "audio" in parts and track.has_audio:
            write_wav(_place(folder, "audio", dialogue_id), track.audio(), reference.sample_rate)
        if "video" in parts and video is not None:
            _link(video, _place(folder, "video", dialogue_id))
        elif "video" in parts and vector is not None and reference.identities.get("listener"):
            _write_pictures(_place(folder, "video", dialogue_id), reference, track.images())


def write_damaged(
    perfect: Path,
    dataset: DataSet,
    split: str,
    damage: Damage,
    grade: float,
    seed: int,
    folder: Path,
    parts: Collection[Part],
) -> None:
    """Write one grade of one damage; parts that it leaves alone are links to the perfect ones.

    Args:
        perfect: what `write_perfect` wrote for the same dialogues.
        dataset: where the dialogues' persons and rates are.
        split: of the data set.
        damage: what to do.
        grade: how much of it.
        seed: of everything that is drawn.
        folder: where to write; made if needed.
        parts: which of those that are there to write.
    """
    source = Predictions(perfect)
    partners = _partners(dataset, split, damage, grade, seed)
    for dialogue_id in dataset.ids(split):
        for part in parts:
            origin = source.path(part, partners[dialogue_id])
            if not origin.is_file():
                continue
            target = _place(folder, part, dialogue_id)
            if not _damage_part(source, dataset.dialogue(split, dialogue_id), part, damage, grade, seed, target):
                _link(origin, target)


def _damage_part(
    source: Predictions, reference: Dialogue, part: Part, damage: Damage, grade: float, seed: int, target: Path
) -> bool:
    """Write the damaged part of one dialogue; False where the damage leaves that part alone."""
    rng = generator(seed, damage.name, reference.id)
    if part == "text" and damage.words is not None:
        words = damage.words(source.words(reference.id), grade, rng)
        _write_words(target, words, " ".join(word.text for word in words))
    elif part == "audio" and damage.audio is not None:
        samples, rate = source.audio(reference.id)
        write_wav(target, damage.audio(samples, rate, grade, rng), rate)
    elif part == "vector" and damage.face is not None:
        _write_face(target, damage.face(source.vector(reference.id), grade, rng))
    elif part == "vector" and damage.order is not None:
        face = source.vector(reference.id)
        _write_face(target, face[damage.order(len(face), grade, rng)])
    elif part == "video" and (damage.order is not None or damage.picture is not None):
        _write_pictures(target, reference, _pictures(source.path("video", reference.id), damage, grade, rng))
    else:
        return False
    return True


def _pictures(path: Path, damage: Damage, grade: float, rng: Rng) -> Iterator[Image]:
    if damage.order is not None:
        yield from reordered(lambda: read_frames(path), damage.order(video_info(path).frames, grade, rng))
    if damage.picture is not None:
        for image in read_frames(path):
            yield damage.picture(image, grade)


def _partners(dataset: DataSet, split: str, damage: Damage, grade: float, seed: int) -> dict[str, str]:
    """Whose answer each dialogue gets: its own, or under an exchange that of a dialogue with the same frame rate, since
    coefficients have none of their own. A listener who says nothing has no answer to exchange.
    """
    ids = dataset.ids(split)
    partners = {dialogue_id: dialogue_id for dialogue_id in ids}
    if damage.partners is None:
        return partners
    dialogues = {dialogue_id: dataset.dialogue(split, dialogue_id) for dialogue_id in ids}
    persons = {i: d.identities["listener"] for i, d in dialogues.items() if "listener" in d.identities}
    groups: dict[Fraction, list[str]] = {}
    for dialogue_id, dialogue in dialogues.items():
        if dialogue.listener.text.strip():
            groups.setdefault(dialogue.fps, []).append(dialogue_id)
    for rate, group in groups.items():
        partners |= damage.partners(group, persons, grade, generator(seed, damage.name, str(rate)))
    return partners


def _write_words(path: Path, words: tuple[Word, ...], text: str) -> None:
    items = [{"text": word.text, "start": word.start, "end": word.end} for word in words]
    path.write_text(json.dumps({"text": text, "words": items}, ensure_ascii=False), encoding="utf-8")


def _write_face(path: Path, face: Face) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, face.astype(np.float32))


def _write_pictures(path: Path, reference: Dialogue, images: Iterator[Image]) -> None:
    first = next(images)
    height, width = first.shape[:2]
    with VideoWriter(path, reference.fps, (width, height)) as writer:
        writer.write(first)
        for image in images:
            writer.write(image)


def _place(folder: Path, part: Part, dialogue_id: str) -> Path:
    path = folder / part / f"{dialogue_id}{SUFFIXES[part]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _link(source: Path, target: Path) -> None:
    """Show a file elsewhere; a copy of it where the file system has no links."""
    try:
        target.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)
