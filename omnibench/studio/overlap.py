"""What scripts say twice, by ``python -m omnibench.studio.overlap``: with those of training, and among themselves.

Overlap with train tells what a model could have learnt by heart; openings and phrases that come again within a set tell
of a writer's template.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from omnibench.datasets.wording import PHRASE, ngrams, openings, repeated, type_token_ratio
from omnibench.studio.script import SCRIPTS, Script, read_scripts

LENGTHS: Final = range(1, 6)


def overlap(train: Sequence[str], held_out: Sequence[str], length: int) -> float:
    """Share in [0, 1] of the held-out texts' n-grams that occur in the training texts; 0 where there is none."""
    known = set(ngrams(train, length))
    asked = ngrams(held_out, length)
    return sum(gram in known for gram in asked) / len(asked) if asked else 0.0


def texts_of(scripts: Iterable[Script]) -> list[str]:
    """What is said in them, line by line; nods say nothing."""
    return [line.text for script in scripts for line in script.lines if not line.is_nod]


def all_texts() -> dict[str, list[str]]:
    """The lines of mini's and studio's scripts by data set and split."""
    mini = {f"mini {split}": texts_of(read_scripts(splits=(split,))) for split in ("train", "val", "test")}
    studio = {
        f"studio {split}": texts_of(read_scripts(SCRIPTS / "studio", splits=(split,))) for split in ("val", "test")
    }
    return {**mini, **studio}


def report(texts: Mapping[str, Sequence[str]]) -> str:
    """Two tables: n-grams that are also elsewhere, and what comes again within each."""
    pairs = [(held_out, "mini train") for held_out in texts if held_out != "mini train"]
    pairs += [("studio val", "studio test"), ("studio test", "studio val")]
    pairs += [(f"studio {split}", f"mini {other}") for split in ("val", "test") for other in ("val", "test")]
    lines = ["n-grams also elsewhere".ljust(32) + "".join(f"n={length:<7}" for length in LENGTHS)]
    for held_out, known in pairs:
        shares = "".join(f"{overlap(texts[known], texts[held_out], length):<9.1%}" for length in LENGTHS)
        lines.append(f"{held_out} in {known}".ljust(32) + shares)
    lines += ["", "within".ljust(32) + "words    different  openings again  4 words again"]
    for name, own in texts.items():
        again = repeated(openings(own)), repeated(ngrams(own, PHRASE))
        shares = f"{type_token_ratio(own):<11.1%}{again[0]:<16.1%}{again[1]:.1%}"
        lines.append(f"{name}".ljust(32) + f"{len(ngrams(own, 1)):<9}{shares}")
    return "\n".join(lines)


def main() -> None:
    """Print what the scripts say twice."""
    print(report(all_texts()))


if __name__ == "__main__":
    main()
