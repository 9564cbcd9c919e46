"""Whether chat holds what is scored: ``python -m omnibench.studio.chat.leaks DIR`` reads a built folder.

Two things must not be there: a run of 5 words of a script of val or test (mini's, studio's with the others' answers)
or of a situation of `events`, and a voice of anybody who is scored.
"""

from __future__ import annotations

import argparse
import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from omnibench.datasets.wording import ngrams
from omnibench.studio.chat.filters import GRAM, Gram
from omnibench.studio.chat.people import by_id, held_out_voices, leaks
from omnibench.studio.events.lines import all_lines
from omnibench.studio.script import ROLES, SCRIPTS

_LINE: Final = re.compile(r"(?:[SL]\s+[+@-]|\d+)[^:]*:\s*(\S.*)")
_TRAIN: Final = "train"


@cache
def held_out_grams() -> frozenset[Gram]:
    """Every run of 5 words within a line of a script that is no training script, or of a situation of `events`."""
    files = [path for path in sorted(SCRIPTS.rglob("*.txt")) if _TRAIN not in path.relative_to(SCRIPTS).parts]
    lines = [_LINE.fullmatch(line.strip()) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    said = [line[1] for line in lines if line is not None]
    situations = [text for texts in all_lines().values() for text in texts]
    return frozenset(ngrams([*said, *situations], GRAM))


def leaks_of(folder: Path) -> list[str]:
    """A line for each dialogue's text that says what a held-out script says, and each of a voice that is scored.

    Raises:
        omnibench.errors.InputError: no readable manifest.
    """
    from omnibench.datasets.manifest import MANIFEST_NAME, read_manifest

    found = []
    for split, entries in read_manifest(folder / MANIFEST_NAME).splits.items():
        for entry in entries:
            for role in ROLES:
                words = json.loads((folder / split / "text" / role / f"{entry.id}.json").read_text(encoding="utf-8"))
                said = {gram for turn in words["turns"] for gram in ngrams([turn["text"]], GRAM)} & held_out_grams()
                found += [f'{entry.id} {role}: "{" ".join(gram)}" is in a held-out script' for gram in sorted(said)]
                person = by_id().get(entry.persons.get(role, ""))
                if person is None or leaks(person):
                    voice = "no voice of chat" if person is None else person.voice
                    found.append(f"{entry.id} {role}: {entry.persons.get(role)} speaks with {voice}")
    return found


def main() -> int:
    """Print every leak and the counts; exit code 6 if there is one."""
    from omnibench.datasets.opening import open_dataset
    from omnibench.errors import OmnibenchError

    parser = argparse.ArgumentParser(prog="python -m omnibench.studio.chat.leaks", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    try:
        found, dataset = leaks_of(folder), open_dataset(str(folder))
    except OmnibenchError as error:
        print(error)
        return error.exit_code
    for line in found:
        print(line)
    dialogues = sum(len(dataset.ids(split)) for split in dataset.splits())
    against = f"{len(held_out_grams()):,} runs of {GRAM} words and {len(held_out_voices())} voices"
    print(f"{folder}: {dialogues} dialogues held against {against}: {len(found)} leaks")
    return 6 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
