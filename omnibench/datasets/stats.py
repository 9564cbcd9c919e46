"""Counts, durations and words of a data set: the figures of the paper's Figure 4 and Table 5.

Source: OmniResponse (NeurIPS 2025) section 4, Figure 4 (durations, topics, frequent words) and Table 5 (split sizes).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any, Final

from omnibench.datasets.base import DataSet
from omnibench.datasets.stopwords import STOPWORDS
from omnibench.datasets.tracks import ROLES, Role
from omnibench.errors import InputError
from omnibench.types import Track

PAPER_NAME: Final = "ResponseNet (paper)"
# Table 5 and section 4; the paper's text gives no median.
PAPER_SPLITS: Final = {"train": 417, "val": 139, "test": 140}
PAPER_SECONDS: Final = {"mean": 73.39, "min": 27.13, "max": 863.13}
PAPER_HOURS: Final = 14.2
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass
class SpokenWords:
    """What one role says: how many words, in how many dialogues, how many different ones."""

    total: int = 0
    dialogues: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class SplitStatistics:
    """One split: dialogues listed, ``seconds`` of those whose length is known, words by role, topics where known.
    ``unknown`` and ``unreadable``: why a length, and somebody's words, are not.
    """

    name: str
    dialogues: int
    seconds: list[float] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    words: dict[Role, SpokenWords] = field(default_factory=lambda: {role: SpokenWords() for role in ROLES})
    topics: Counter[str] = field(default_factory=Counter)


def gather(data: DataSet, splits: Iterable[str], on_dialogue: Callable[[str], None]) -> list[SplitStatistics]:
    """Read every dialogue's length and words. A length that no file tells is under ``unknown`` with its reason."""
    return [_gather_split(data, split, on_dialogue) for split in splits]


def _gather_split(data: DataSet, split: str, on_dialogue: Callable[[str], None]) -> SplitStatistics:
    found = SplitStatistics(split, len(data.ids(split)))
    for dialogue_id in data.ids(split):
        on_dialogue(dialogue_id)
        dialogue, topic = data.dialogue(split, dialogue_id), data.topic(split, dialogue_id)
        try:
            found.seconds.append(dialogue.duration)
        except InputError as error:
            found.unknown[dialogue_id] = str(error)
        if topic:
            found.topics[topic] += 1
        tracks: dict[Role, Track] = {"speaker": dialogue.speaker, "listener": dialogue.listener}
        for role, track in tracks.items():
            spoken = found.words[role]
            try:
                _ = track.words
            except InputError as error:
                found.unreadable[f"{dialogue_id}, {role}"] = str(error)
                continue
            spoken.total += len(track.words)
            spoken.dialogues += bool(track.words)
            spoken.counts.update(
                word.lower() for spoken_word in track.words for word in _WORD.findall(spoken_word.text)
            )
    return found


def durations(seconds: list[float]) -> dict[str, float]:
    """``mean, median, min, max`` and ``hours`` in total; empty for no durations."""
    if not seconds:
        return {}
    return {
        "mean": fmean(seconds),
        "median": median(seconds),
        "min": min(seconds),
        "max": max(seconds),
        "hours": sum(seconds) / 3600,
    }


def frequent_words(splits: Iterable[SplitStatistics], limit: int) -> list[tuple[str, int]]:
    """The most frequent words of both people but for function words, ties by the alphabet (Figure 4c)."""
    counts: Counter[str] = Counter()
    for split in splits:
        for spoken in split.words.values():
            counts.update(spoken.counts)
    content = [(word, n) for word, n in counts.items() if word not in STOPWORDS and len(word) > 1]
    return sorted(content, key=lambda item: (-item[1], item[0]))[:limit]


def topics(splits: Iterable[SplitStatistics]) -> list[tuple[str, int]]:
    """Dialogues by topic, most first (Figure 4b); empty where the data does not say."""
    counts = sum((split.topics for split in splits), Counter[str]())
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def as_json(name: str, version: str, splits: list[SplitStatistics]) -> dict[str, Any]:
    """The statistics as JSON values; a duration that is not known is not there."""
    everything = [second for split in splits for second in split.seconds]
    return {
        "schema_version": 1,
        "data": name,
        "version": version,
        "dialogues": sum(split.dialogues for split in splits),
        "seconds": durations(everything),
        "splits": [
            {
                "name": split.name,
                "dialogues": split.dialogues,
                "seconds": durations(split.seconds),
                "length_unknown": split.unknown,
                "words": {
                    role: {"total": s.total, "different": len(s.counts), "dialogues": s.dialogues}
                    for role, s in split.words.items()
                },
                "topics": dict(split.topics),
            }
            for split in splits
        ],
        "topics": dict(topics(splits)),
        "frequent_words": dict(frequent_words(splits, 50)),
        "paper": {"splits": PAPER_SPLITS, "seconds": PAPER_SECONDS, "hours": PAPER_HOURS},
    }


def as_text(name: str, version: str, splits: list[SplitStatistics]) -> str:
    """The statistics as aligned tables, the paper's row for ResponseNet beneath ours."""
    return "\n\n".join(
        part
        for part in (
            f"{name} {version}".strip(),
            _table(
                ("split", "dialogues", "share", "hours", "mean s", "median s", "min s", "max s"), _length_rows(splits)
            ),
            _table(("split", "who", "words", "different", "a minute", "dialogues with words"), _word_rows(splits)),
            _named_counts("topics", topics(splits), sum(split.dialogues for split in splits)),
            "frequent words: " + ", ".join(f"{word} {n}" for word, n in frequent_words(splits, 20)),
            "\n".join(f"length unknown: {reason}" for split in splits for reason in split.unknown.values()),
            "\n".join(f"words left out: {reason}" for split in splits for reason in split.unreadable.values()),
        )
        if part
    )


def _length_rows(splits: list[SplitStatistics]) -> list[tuple[str, ...]]:
    total = sum(split.dialogues for split in splits)
    whole = SplitStatistics("all", total, [second for split in splits for second in split.seconds])
    rows = []
    for split in [*splits, whole] if len(splits) > 1 else splits:
        length = durations(split.seconds)
        share = f"{100 * split.dialogues / total:.1f} %" if total else "–"
        cells = [f"{length[key]:.2f}" if length else "–" for key in ("hours", "mean", "median", "min", "max")]
        rows.append((split.name, str(split.dialogues), share, *cells))
    paper_total = sum(PAPER_SPLITS.values())
    for name, count in PAPER_SPLITS.items():
        rows.append((f"{PAPER_NAME} {name}", str(count), f"{100 * count / paper_total:.1f} %", *["–"] * 5))
    seconds = PAPER_SECONDS
    cells = [f"{PAPER_HOURS}", f"{seconds['mean']}", "–", f"{seconds['min']}", f"{seconds['max']}"]
    rows.append((f"{PAPER_NAME} all", str(paper_total), "100.0 %", *cells))
    return rows


def _word_rows(splits: list[SplitStatistics]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for split in splits:
        minutes = sum(split.seconds) / 60
        for role, spoken in split.words.items():
            pace = f"{spoken.total / minutes:.1f}" if minutes and not split.unknown else "–"
            rows.append((split.name, role, str(spoken.total), str(len(spoken.counts)), pace, str(spoken.dialogues)))
    return rows


def _named_counts(title: str, counts: list[tuple[str, int]], total: int) -> str:
    return f"{title}: " + ", ".join(f"{name} {n} ({100 * n / total:.1f} %)" for name, n in counts) if counts else ""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [
            cell.ljust(w) if column == 0 else cell.rjust(w)
            for column, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
