"""How much of a split the training scripts already say: n-gram overlap, by ``python -m omnibench.studio.overlap``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from omnibench.studio.script import Script, read_scripts

LENGTHS = range(1, 6)


def ngrams(texts: Iterable[str], length: int) -> list[tuple[str, ...]]:
    """All runs of ``length`` words within each text, lower-cased and without punctuation, repeats kept.

    Example:
        >>> ngrams(["Oh no. Oh no!"], 2)
        [('oh', 'no'), ('no', 'oh'), ('oh', 'no')]
    """
    found = []
    for text in texts:
        words = re.findall(r"[a-z'-]+", text.lower())
        found += [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
    return found


def overlap(train: Sequence[str], held_out: Sequence[str], length: int) -> float:
    """Share in [0, 1] of the held-out texts' n-grams that occur in the training texts; 0 where there is none."""
    known = set(ngrams(train, length))
    asked = ngrams(held_out, length)
    return sum(gram in known for gram in asked) / len(asked) if asked else 0.0


def _lines(scripts: Iterable[Script]) -> list[str]:
    return [line.text for script in scripts for line in script.lines]


def main() -> None:
    """Print the overlap of val and test with train."""
    train = _lines(read_scripts(splits=("train",)))
    print("n-grams also in train   " + "  ".join(f"n={length:<5}" for length in LENGTHS))
    for split in ("val", "test"):
        held_out = _lines(read_scripts(splits=(split,)))
        shares = "  ".join(f"{overlap(train, held_out, length):<7.1%}" for length in LENGTHS)
        print(f"{split:<24}{shares}")


if __name__ == "__main__":
    main()
