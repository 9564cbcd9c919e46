"""Does a speech recogniser understand a data set's people? Word errors by person, and what was heard worst.

    python -m omnibench.audit.recognised                    the studio's val and test
    python -m omnibench.audit.recognised DIR --split train  a folder in ResponseNet layout

Every track is heard once by Moonshine tiny-en (`omnibench.features.recogniser`) and held against its transcript.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import MismatchError, OmnibenchError
from omnibench.features.recogniser import RATE, transcribe
from omnibench.metrics.text.word_error import WordErrors, pooled
from omnibench.system.progress import Ticker

HIGHEST_RATE: Final = 0.08


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


def listen(dataset: DataSet, splits: Iterable[str]) -> Iterator[Heard]:
    """Every track that has sound and words. Raises MissingError without the extra ``recogniser``."""
    from scipy.signal import resample_poly

    for split in splits:
        with Ticker(f"hear {dataset.name} {split}", len(dataset.ids(split))) as ticker:
            for dialogue in dataset.dialogues(split):
                for role, person in dialogue.identities.items():
                    track = dialogue.speaker if role == "speaker" else dialogue.listener
                    if track.has_audio and track.text:
                        speech = resample_poly(track.audio(), RATE, dialogue.sample_rate)
                        yield Heard(person, dialogue.id, track.text, transcribe(speech))
                ticker.advance()


def by_person(tracks: Sequence[Heard]) -> Mapping[str, WordErrors]:
    """The errors of each person, pooled over words, in the order of their names.

    Example:
        >>> by_person([Heard("q01", "a", "Oh, well.", "oh well"), Heard("q01", "b", "Fine by me.", "fine by knee")])
        {'q01': WordErrors(substitutions=1, deletions=0, insertions=0, words=5)}
    """
    people = sorted({track.person for track in tracks})
    return {who: pooled([(track.said, track.heard) for track in tracks if track.person == who]) for who in people}


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit 6 if a person is misheard too often."""
    parser = argparse.ArgumentParser(prog="python -m omnibench.audit.recognised", description=main.__doc__)
    parser.add_argument("data", nargs="?", default="studio", help="a data set's name, or its folder")
    parser.add_argument("--split", action="append", help="may be repeated [all of the data set's]")
    parser.add_argument("--worst", type=int, default=5, help="tracks shown with what was heard")
    options = parser.parse_args(arguments)
    try:
        dataset = open_dataset(options.data)
        tracks = list(listen(dataset, options.split or dataset.splits()))
    except OmnibenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    table = by_person(tracks)
    print("| person | words | wrong | word error rate |\n|---|---:|---:|---:|")
    for person, found in table.items():
        print(f"| {person} | {found.words} | {found.errors} | {found.rate if found.words else 0:.1%} |")
    total = pooled([(track.said, track.heard) for track in tracks])
    print(f"\nAll: {total.errors} of {total.words} words")
    for track in sorted(tracks, key=lambda track: -track.errors.errors)[: options.worst]:
        print(f"\n{track.dialogue} ({track.person}), {track.errors.errors} wrong")
        print(f"  said  {track.said}\n  heard {track.heard}")
    misheard = [person for person, found in table.items() if found.words and found.rate > HIGHEST_RATE]
    if misheard:
        print(f"\nAbove {HIGHEST_RATE:.0%}: {', '.join(misheard)}", file=sys.stderr)
    return MismatchError.exit_code if misheard else 0


if __name__ == "__main__":
    raise SystemExit(main())
