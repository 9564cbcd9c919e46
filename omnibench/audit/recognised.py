"""Does a speech recogniser understand a data set's people? Word errors by person, and what was heard worst.

    python -m omnibench.audit.recognised                    the studio's val and test
    python -m omnibench.audit.recognised DIR --split train  a folder in ResponseNet layout
    python -m omnibench.audit.recognised --split val --limit 16 --condition all
                                                            speakers under each condition, by condition and person

Every track is heard once by Moonshine tiny-en (`omnibench.features.recogniser`) and held against its transcript; under
``--condition`` every speaker is, once clean and once under each, and what else the condition takes is counted.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.signal import resample_poly

from omnibench.audit.damaged import Reception, by_condition, errors_by_person, person_of, receive
from omnibench.conditions.catalogue import CONDITIONS, Condition, parse_condition
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import MismatchError, OmnibenchError
from omnibench.features.recogniser import RATE, transcribe
from omnibench.metrics.text.word_error import WordErrors, pooled
from omnibench.system.progress import Ticker
from omnibench.types import Dialogue

HIGHEST_RATE: Final = 0.08
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Heard:
    """One person in one dialogue: the words said and those that were heard."""

    person: str
    dialogue: str
    said: str
    heard: str

    @property
    def errors(self) -> WordErrors:
        """The word errors of this track."""
        return pooled([(self.said, self.heard)])


def dialogues(dataset: DataSet, splits: Iterable[str], limit: int | None) -> Iterator[Dialogue]:
    """Dialogues of some splits; with a ``limit`` so many of each, one of each speaker before a second of any."""
    for split in splits:
        ids = dataset.ids(split)
        chosen = ids if limit is None else _in_turns(dataset, split)[:limit]
        with Ticker(f"hear {dataset.name} {split}", len(chosen)) as ticker:
            for dialogue in chosen:
                yield dataset.dialogue(split, dialogue)
                ticker.advance()


def _in_turns(dataset: DataSet, split: str) -> tuple[str, ...]:
    own: defaultdict[str, list[str]] = defaultdict(list)
    for dialogue in dataset.dialogues(split):
        own[person_of(dialogue, "speaker")].append(dialogue.id)
    turns = {dialogue: turn for ids in own.values() for turn, dialogue in enumerate(ids)}
    return tuple(sorted(dataset.ids(split), key=lambda dialogue: turns[dialogue]))


def listen(given: Iterable[Dialogue]) -> Iterator[Heard]:
    """Every track that has sound and words. Raises MissingError without the extra ``recogniser``."""
    for dialogue in given:
        for role, track in (("speaker", dialogue.speaker), ("listener", dialogue.listener)):
            if track.has_audio and track.text:
                speech = resample_poly(track.audio(), RATE, dialogue.sample_rate)
                yield Heard(person_of(dialogue, role), dialogue.id, track.text, transcribe(speech))


def by_person(tracks: Sequence[Heard]) -> Mapping[str, WordErrors]:
    """The errors of each person, pooled over words, in the order of their names.

    Example:
        >>> by_person([Heard("q01", "a", "Oh, well.", "oh well"), Heard("q01", "b", "Fine by me.", "fine by knee")])
        {'q01': WordErrors(substitutions=1, deletions=0, insertions=0, words=5)}
    """
    people = sorted({track.person for track in tracks})
    return {who: pooled([(track.said, track.heard) for track in tracks if track.person == who]) for who in people}


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit 6 if a person of clean recordings is misheard too often."""
    parser = argparse.ArgumentParser(prog="python -m omnibench.audit.recognised", description=main.__doc__)
    parser.add_argument("data", nargs="?", default="studio", help="a data set's name, or its folder")
    parser.add_argument("--split", action="append", help="may be repeated [all of the data set's]")
    parser.add_argument("--limit", type=int, metavar="N", help="N dialogues of each split, spread over its speakers")
    parser.add_argument("--condition", action="append", default=[], metavar="NAME",
                        help=f"of `omnibench run`; may be repeated, and {ALL} is every one")  # fmt: skip
    parser.add_argument("--worst", type=int, default=5, help="tracks shown with what was heard")
    options = parser.parse_args(arguments)
    try:
        conditions = _conditions(options.condition)
        dataset = open_dataset(options.data)
        given = dialogues(dataset, options.split or dataset.splits(), options.limit)
        if conditions:
            print("\n".join(_under(given, conditions)))
            return 0
        tracks = list(listen(given))
    except OmnibenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return _report(tracks, options.worst)


def _conditions(names: Sequence[str]) -> list[Condition | None]:
    """The conditions asked for behind a clean reception; none where none was. Raises UsageError for an unknown one."""
    asked = CONDITIONS.values() if ALL in names else filter(None, map(parse_condition, names))
    return [None, *dict.fromkeys(asked)] if names else []


def _under(given: Iterable[Dialogue], conditions: Sequence[Condition | None]) -> list[str]:
    received: list[Reception] = []
    for dialogue in given:
        received += [receive(dialogue, condition) for condition in conditions]
    said = f"{len(received) // len(conditions)} dialogues, {len({one.person for one in received})} speakers"
    return [said, "", *by_condition(received), "", "Word errors by person (%)", "", *errors_by_person(received)]


def _report(tracks: Sequence[Heard], worst: int) -> int:
    table = by_person(tracks)
    print("| person | words | wrong | word error rate |\n|---|---:|---:|---:|")
    for person, found in table.items():
        print(f"| {person} | {found.words} | {found.errors} | {found.rate if found.words else 0:.1%} |")
    total = pooled([(track.said, track.heard) for track in tracks])
    print(f"\nAll: {total.errors} of {total.words} words")
    for track in sorted(tracks, key=lambda track: -track.errors.errors)[:worst]:
        print(f"\n{track.dialogue} ({track.person}), {track.errors.errors} wrong")
        print(f"  said  {track.said}\n  heard {track.heard}")
    misheard = [person for person, found in table.items() if found.words and found.rate > HIGHEST_RATE]
    if misheard:
        print(f"\nAbove {HIGHEST_RATE:.0%}: {', '.join(misheard)}", file=sys.stderr)
    return MismatchError.exit_code if misheard else 0


if __name__ == "__main__":
    raise SystemExit(main())
