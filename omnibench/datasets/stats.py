"""Counts, durations and words of a data set: the figures of the paper's Figure 4 and Table 5.

Source: OmniResponse (NeurIPS 2025) section 4, Figure 4 (durations, topics, frequent words) and Table 5 (split sizes);
the median and the shares of topics: the data set's card on Hugging Face.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any, Final

from omnibench.datasets.base import DataSet
from omnibench.datasets.manifest import ManifestEntry
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.stopwords import STOPWORDS
from omnibench.datasets.tracks import ROLES, Role
from omnibench.datasets.turn_stats import Turn, TurnStatistics, read_turns
from omnibench.errors import InputError
from omnibench.types import Track

PAPER_NAME: Final = "ResponseNet (paper)"
PAPER_SPLITS: Final = {"train": 417, "val": 139, "test": 140}
PAPER_SECONDS: Final = {"mean": 73.39, "median": 55.66, "min": 27.13, "max": 863.13}
PAPER_TOPICS: Final = {"economic_interview": 0.616, "intimate_conversation": 0.29}
"""The two that the card has a share of."""

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
    """One split: dialogues listed, ``seconds`` of those whose length is known, words by role, topics where known, turns
    where listed, the people of each role and levels of difficulty where the manifest says so. ``unknown`` and
    ``unreadable``: why a length, and somebody's words, are not.
    """

    name: str
    dialogues: int
    seconds: list[float] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    words: dict[Role, SpokenWords] = field(default_factory=lambda: {role: SpokenWords() for role in ROLES})
    topics: Counter[str] = field(default_factory=Counter)
    turns: TurnStatistics = field(default_factory=TurnStatistics)
    people: dict[Role, set[str]] = field(default_factory=lambda: {role: set() for role in ROLES})
    levels: Counter[str] = field(default_factory=Counter)

    def everybody(self) -> set[str]:
        """The people of both roles."""
        return set().union(*self.people.values())


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
            timed = dialogue.duration
        except InputError as error:
            found.unknown[dialogue_id] = str(error)
            timed = 0.0
        if topic:
            found.topics[topic] += 1
        if isinstance(data, ResponseNetFolder):
            _add_entry(found, data.entry(split, dialogue_id))
        tracks: dict[Role, Track] = {"speaker": dialogue.speaker, "listener": dialogue.listener}
        for role, track in tracks.items():
            try:
                _add_words(found.words[role], track)
            except InputError as error:
                found.unreadable[f"{dialogue_id}, {role}"] = str(error)
        if timed and not any(f"{dialogue_id}, {role}" in found.unreadable for role in ROLES):
            found.turns.add(_turns(dialogue.speaker), _turns(dialogue.listener), timed)
    return found


def _add_entry(found: SplitStatistics, entry: ManifestEntry) -> None:
    for role in ROLES:
        if entry.persons.get(role):
            found.people[role].add(entry.persons[role])
    if "level" in entry.difficulty:
        found.levels[str(entry.difficulty["level"])] += 1


def _add_words(spoken: SpokenWords, track: Track) -> None:
    spoken.total += len(track.words)
    spoken.dialogues += bool(track.words)
    spoken.counts.update(word.lower() for spoken_word in track.words for word in _WORD.findall(spoken_word.text))


def _turns(track: Track) -> tuple[Turn, ...]:
    path = track.file("text")
    return () if path is None else read_turns(path)


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
                "turns": split.turns.document(),
                "people": {"all": len(split.everybody()), **{role: len(split.people[role]) for role in ROLES}},
                "difficulty": dict(split.levels),
            }
            for split in splits
        ],
        "topics": dict(topics(splits)),
        "frequent_words": dict(frequent_words(splits, 50)),
        "paper": {"splits": PAPER_SPLITS, "seconds": PAPER_SECONDS, "hours": PAPER_HOURS, "topics": PAPER_TOPICS},
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
            _turn_table(splits),
            _people_table(splits),
            _topics(topics(splits), sum(split.dialogues for split in splits)),
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
    cells = [f"{PAPER_HOURS}", *(f"{seconds[key]}" for key in ("mean", "median", "min", "max"))]
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


def _turn_table(splits: list[SplitStatistics]) -> str:
    """Turns, and what would give a template away; ``""`` where no text file lists turns."""
    head = ("split", "turns/min", "backchannels/min", "nods/min", "both talk", "gap median s", "overlapped",
            "different words", "openings again", "4 words again")  # fmt: skip
    rows = []
    for split in splits:
        own = split.turns.document()
        if not own:
            continue
        counts = sum((spoken.counts for spoken in split.words.values()), Counter[str]())
        paces = [f"{own[f'{kind}_a_minute']:.1f}" for kind in ("turns", "backchannels", "nods")]
        gap = f"{own['gap_median_s']:+.2f}" if "gap_median_s" in own else "–"
        shares = (own["transfers_overlapped"], len(counts) / counts.total() if counts else 0.0)
        again = (own["openings_repeated"], own["phrases_repeated"])
        rows.append((split.name, *paces, _percent(own["both_talk"]), gap, *map(_percent, (*shares, *again))))
    return _table(head, rows) if rows else ""


def _people_table(splits: list[SplitStatistics]) -> str:
    """Who talks and how hard it is, where the manifest says so."""
    named = [split for split in splits if split.everybody() or split.levels]
    rows = []
    for split in named:
        people = [str(len(own)) for own in (split.everybody(), *(split.people[role] for role in ROLES))]
        levels = ", ".join(f"{level} {n}" for level, n in split.levels.most_common())
        rows.append((split.name, *people, levels or "–"))
    return _table(("split", "people", *(f"{role}s" for role in ROLES), "difficulty"), rows) if rows else ""


def _topics(counts: list[tuple[str, int]], total: int) -> str:
    if not counts:
        return ""
    shown = [f"{name} {n} ({_percent(n / total)})" for name, n in counts]
    paper = ", ".join(f"{name} {_percent(share)}" for name, share in PAPER_TOPICS.items())
    return f"topics: {', '.join(shown)}\n{PAPER_NAME}: {paper}, others {_percent(1 - sum(PAPER_TOPICS.values()))}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


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
