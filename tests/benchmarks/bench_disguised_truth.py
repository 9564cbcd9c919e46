"""What the flags of `leaderboard.judging.disguise` find: ground truth in disguise, and honest answers let alone.

    python tests/benchmarks/bench_disguised_truth.py [--data mini] [--splits val,test] [--runs FOLDER] [--peers 300]

Three tables. *Peers*: how alike people's replies to different dialogues are, over random pairs of the train split, by
which the levels were chosen together with val. *Honest*: every folder of answers below ``--runs`` (as
``omnibench run --no-score --out FOLDER/SPLIT/MODEL`` makes them): dialogues at each level, with the upper end of the
95 % interval of Clopper and Pearson, and flags raised; the controls that replay the human listener are told apart.
*Disguises*: for each of ``tests/support/disguises.py``, the median likeness, and whether a split is flagged of whose
answers all, half or a quarter are disguised ground truth, and the others those of the control shuffled_ground_truth
below ``--runs`` (else as unlike as can be): the share of 20 draws. Reported, never asserted;
`tests/unit/leaderboard/judging/test_disguise.py` holds fixed cases.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import disguises
from scipy.stats import beta

from leaderboard.judging.alike_sound import bands_of
from leaderboard.judging.disguise import (
    FACES,
    KINDS,
    SOUND,
    WORDS,
    Alikeness,
    Comparison,
    Kind,
    Person,
    alike,
    person_of,
)
from leaderboard.judging.shared_words import rarity_among
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.types import Dialogue

REPLAYING = ("ground_truth", "ground_truth_rendered")
DRAWS = 20
Likenesses = dict[str, dict[str, float]]


def peers(dataset: DataSet, pairs: int) -> None:
    dialogues = list(dataset.dialogues("train"))
    rarity = rarity_among(dialogue.listener.text for dialogue in dialogues)
    draw = np.random.default_rng(0)
    found: dict[str, list[float]] = {kind.flag: [] for kind in KINDS}
    for _ in range(pairs):
        one, other = (dialogues[i] for i in draw.choice(len(dialogues), 2, replace=False))
        likeness = alike(person_of(one), person_of(other), other.speaker.text, float(other.fps), rarity)
        for flag, value in likeness.items():
            found[flag].append(value)
    print(f"\npeers: replies to different dialogues of train, {pairs} pairs")
    for kind in KINDS:
        _distribution(kind, found[kind.flag])


def _distribution(kind: Kind, values: list[float]) -> None:
    if not values:
        return
    quantiles = " ".join(f"{q:.3f}" for q in np.quantile(values, (0.5, 0.9, 0.99, 1)))
    reached = ", ".join(
        _share(sum(v >= level.value for v in values), len(values), level.value) for level in kind.levels
    )
    print(f"  {kind.flag:30} n {len(values):5}  median, 90 %, 99 %, most: {quantiles}   {reached}")


def _share(count: int, total: int, level: float) -> str:
    high = 1.0 if count == total else float(beta.ppf(0.975, count + 1, total - count))
    return f">= {level:.2f}: {count} (below {high:.1%})"


def honest(dataset: DataSet, splits: list[str], runs: Path) -> dict[str, Likenesses]:
    """Prints the table; returns by split how alike the answers of shuffled_ground_truth are."""
    beside: dict[str, Likenesses] = {}
    pooled: dict[str, list[float]] = {kind.flag: [] for kind in KINDS}
    judged = raised = 0
    print("\nhonest answers: median and highest likeness of words, sound, face; seconds; flags")
    for split in splits:
        for folder in sorted(path.parent for path in (runs / split).glob("*/run.json")):
            answers, comparison, start = Predictions(folder), Comparison(dataset, split), time.process_time()
            for name in dataset.ids(split):
                if answers.status(name)[0] == "ok":
                    comparison.add(answers.sample(name), dataset.dialogue(split, name))
            taken = time.process_time() - start
            likeness = {flag: found.answers for flag, found in comparison.found.items()}
            if folder.name == "shuffled_ground_truth":
                beside[split] = likeness
            flags = [str(flag["kind"]) for flag in comparison.flags()]
            if folder.name not in REPLAYING:
                judged, raised = judged + 1, raised + bool(flags)
                for flag, values in likeness.items():
                    pooled[flag] += values.values()
            row = "  ".join(
                f"{np.median([*v.values()]):.3f} {max(v.values()):.3f}" if v else "    –      "
                for v in likeness.values()
            )
            print(f"  {split:5} {folder.name:28} {row}  {taken:5.1f} s  {', '.join(flags) or 'none'}", flush=True)
    print(f"  flagged, without {' and '.join(REPLAYING)}: {raised} of {judged} splits; dialogues at each level:")
    for kind in KINDS:
        _distribution(kind, pooled[kind.flag])
    return beside


def disguised(dataset: DataSet, split: str, beside: Likenesses | None) -> None:
    print(f"\ndisguises on {split}: median likeness; flagged where all, half, a quarter of the dialogues are disguised")
    dialogues = list(dataset.dialogues(split))
    rarity = rarity_among(dialogue.listener.text for dialogue in dialogues)
    people = [person_of(dialogue) for dialogue in dialogues]
    neighbours = [
        alike(before, human, dialogue.speaker.text, float(dialogue.fps), rarity)
        for before, human, dialogue in zip(people, people[1:], dialogues[1:], strict=False)
    ]
    for kind, grid in ((WORDS, disguises.WORDS), (SOUND, disguises.SOUNDS), (FACES, disguises.FACES)):
        print(f" {kind.flag}")
        for title in grid:
            values = likenesses(dialogues, kind, title)
            peers, others = (
                [found[kind.flag] for found in neighbours if kind.flag in found],
                (beside or {}).get(kind.flag, {}),
            )
            shares = [_detected(kind, values, peers, others, part) for part in (1, 2, 4)]
            median = np.median([*values.values()])
            print(f"  {title:52} {median:.3f}   {shares[0]:4.0%} {shares[1]:4.0%} {shares[2]:4.0%}", flush=True)


def likenesses(dialogues: list[Dialogue], kind: Kind, title: str) -> dict[str, float]:
    """How alike every dialogue's disguised reply is to the human's, where that can be said."""
    rarity = rarity_among(dialogue.listener.text for dialogue in dialogues)
    found = {}
    for number, dialogue in enumerate(dialogues):
        human, draw, fps = dialogue.listener, np.random.default_rng(number), float(dialogue.fps)
        text = sound = face = None
        if kind is WORDS:
            text = " ".join(disguises.WORDS[title](human.text.split(), draw))
        elif kind is SOUND:
            samples = disguises.SOUNDS[title](human.audio().astype(float), dialogue.sample_rate, human.words, draw)
            sound = bands_of(samples[: len(human.audio())], dialogue.sample_rate)
        else:
            face = disguises.FACES[title](human.face().astype(float), fps, draw).astype(np.float32)
        likeness = alike(Person(text, sound, face), person_of(dialogue), dialogue.speaker.text, fps, rarity)
        if kind.flag in likeness:
            found[dialogue.id] = likeness[kind.flag]
    return found


def _detected(
    kind: Kind, disguised: Mapping[str, float], peers: list[float], others: Mapping[str, float], part: int
) -> float:
    """The share of draws in which a split is flagged of which one in ``part`` dialogues is disguised."""
    names, hits = [*disguised], 0
    for seed in range(DRAWS if part > 1 else 1):
        cheated = set(np.random.default_rng(seed).permutation(names)[: round(len(names) / part)])
        mixed = {name: disguised[name] if name in cheated else others.get(name, 0.0) for name in names}
        hits += Alikeness(kind, mixed, peers).flag() is not None
    return hits / (DRAWS if part > 1 else 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mini")
    parser.add_argument("--splits", default="val,test")
    parser.add_argument("--runs", type=Path, help="FOLDER with SPLIT/MODEL of answers")
    parser.add_argument("--peers", type=int, default=300, help="pairs of the train split")
    options = parser.parse_args()
    dataset, splits = open_dataset(options.data), options.splits.split(",")
    peers(dataset, options.peers)
    beside = honest(dataset, splits, options.runs) if options.runs else {}
    for split in splits:
        disguised(dataset, split, beside.get(split))


if __name__ == "__main__":
    main()
