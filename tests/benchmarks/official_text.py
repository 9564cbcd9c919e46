"""The text metrics: METEOR, ROUGE-L, Distinct-2, each alone and together (BERTScore apart)."""

from __future__ import annotations

import json
from pathlib import Path

from official_data import Folders, write_texts
from official_rows import Row, script, timed

from omnibench.datasets.opening import open_dataset
from omnibench.metrics.base import METRICS
from omnibench.metrics.text.rouge import rouge_l_whitespace
from omnibench.scoring.measuring import score_predictions

SUITE = ("meteor", "rouge_l", "distinct_2")


def text_rows(official: Path, nltk_data: Path | None, scratch: Path) -> list[Row]:
    """One row a metric, one of them all, one of ROUGE-L's arithmetic. METEOR's seconds include its dictionaries."""
    import nltk

    if nltk_data is not None:
        nltk.data.path.insert(0, str(nltk_data))
    folders = write_texts(scratch)
    generated, reference = str(folders.answers("text")), str(folders.human("text"))
    meteor = script(official / "text" / "compute_meteor.py", "official_meteor")
    rouge = script(official / "text" / "compute_rouge-l.py", "official_rouge")
    distinct = script(official / "text" / "compute_distinct.py", "official_distinct")
    times, values = {}, {}
    times["meteor"], found = timed(lambda: meteor.compute_batch_meteor_json(generated, reference))
    values["meteor"] = found[0]
    times["rouge_l"], found = timed(lambda: rouge.compute_batch_rougeL_json(generated, reference))
    values["rouge_l"] = found[0]
    times["distinct_2"], found = timed(lambda: distinct.compute_distinct(distinct.load_hypotheses_json(generated)[0]))
    values["distinct_2"] = found[1]
    _score(folders, ["distinct_2"])  # imports
    rows = []
    for name, wanted in (("meteor", 5), ("rouge_l", 50), ("distinct_2", 1)):
        spent, scores = timed(lambda name=name: _score(folders, [name]))  # type: ignore[misc]
        rows.append(
            Row(
                f"{METRICS.get(name).spec.title}, score stage",
                times[name],
                spent,
                wanted,
                abs(scores[name] - values[name]),
            )
        )
    spent, scores = timed(lambda: _score(folders, list(SUITE)))
    worst = max(abs(scores[name] - values[name]) for name in SUITE)
    rows.append(Row("the three together, score stage", sum(times.values()), spent, 5, worst))
    return [*rows, _rouge_alone(rouge, folders)]


def _score(folders: Folders, names: list[str]) -> dict[str, float]:
    data = open_dataset(str(folders.data))
    scores = score_predictions(folders.predictions, data, "test", "paper", names, write=False)
    return {name: scores.metrics[name].value for name in names}


def _rouge_alone(rouge: object, folders: Folders) -> Row:
    """Both on the same strings in memory."""
    pairs = [
        tuple(json.loads((folder / path.name).read_text())["text"] for folder in (folders.human("text"), path.parent))
        for path in sorted(folders.answers("text").glob("*.json"))
    ]
    scorer = rouge.Rouge()  # type: ignore[attr-defined]
    theirs, expected = timed(lambda: [scorer.pair_score(hypothesis, reference) for reference, hypothesis in pairs])
    ours, found = timed(lambda: [rouge_l_whitespace(reference, hypothesis) for reference, hypothesis in pairs])
    worst = max(abs(a - b) for a, b in zip(expected, found, strict=True))
    return Row("ROUGE-L, arithmetic alone", theirs, ours, 50, worst)
