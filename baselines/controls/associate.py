"""Tricks against metrics of relevance: answers that name what goes with the speaker's words, chosen by MiniLM alone.

Each answers the turns that the human listener answers, 0.3 s after their end, with the words of mini's train split that
lie nearest to what the speaker has said so far and are neither said yet nor synonyms of it:

* ``words``: eight of them, and nothing else;
* ``articles``: five with articles and prepositions between them;
* ``template``: "I love X and Y too";
* ``label``: "so that is about X", of thirty everyday topics;
* ``synonyms``: what WordNet calls a synonym of a synonym of what was said last;
* ``sentence``: what a listener of the train split said somewhere, the nearest once the speaker's words are out of it.

No model answers so: they know which turns will be answered. They are predictions (text alone), to be scored:

    python -m baselines.controls.associate --data studio --split val --out tricks
    omnibench score tricks/label --data studio --split val --metrics relevance
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import numpy as np

from omnibench.assets.finding import group_folder
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.stopwords import STOPWORDS
from omnibench.features.turns import units_of
from omnibench.files.atomic import write_text
from omnibench.files.text_records import TextRecord, WordRecord
from omnibench.metrics.coupling.encoding import Array, Encoded, encoded
from omnibench.metrics.coupling.relevance import Turn, relevance, turns_of
from omnibench.metrics.coupling.said import base, tokens
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.text.wordnet.lookup import synonyms
from omnibench.system.command_line import run_command
from omnibench.types import Dialogue, Word

Text = tuple[str, ...]
_NAMES: Final = """
    food music sport travel work school family health money weather animals books film art technology gardening shopping
    cooking history science nature clothes cars houses friendship love holidays religion politics games
"""
TOPICS: Final = tuple(_NAMES.split())
DELAY_SECONDS, WORD_SECONDS = 0.3, 0.25
PAUSE_SECONDS, LEAST_WORDS = 0.6, 5
_LOOKED_AT: Final = 150


@dataclass(frozen=True)
class Shop:
    """What tricks choose from, with directions ``(n, width)``: words, topics, and listeners' sentences."""

    words: tuple[str, ...]
    word_directions: Array
    topic_directions: Array
    sentences: tuple[str, ...]
    known: Mapping[Text, Encoded]


def shop_of(dataset: DataSet, split: str) -> Shop:
    """Words that the people of a split say at least twice, and what its listeners say without a pause."""
    counts: Counter[str] = Counter()
    sentences: dict[str, None] = {}
    for dialogue in dataset.dialogues(split):
        said = dialogue.listener.words
        counts.update(token.text for track in (dialogue.speaker, dialogue.listener) for token in tokens(track.words))
        for unit in units_of(said, PAUSE_SECONDS):
            if unit.words >= LEAST_WORDS:
                sentences[" ".join(word.text for word in said if unit.start <= word.start < unit.end)] = None
    words = tuple(word for word, n in counts.items() if n > 1 and word not in STOPWORDS and len(word) > 2)
    known = _encoded([(word,) for word in (*words, *TOPICS)] + [_plain(text) for text in sentences])
    word_directions, topic_directions = (
        np.array([known[(word,)].direction for word in group]) for group in (words, TOPICS)
    )
    return Shop(words, word_directions, topic_directions, tuple(sentences), known)


def nearest_words(turns: Sequence[Turn], heard: Array, shop: Shop, count: int) -> Iterator[list[str]]:
    """For each turn the nearest words that are neither said nor used before."""
    used: set[str] = set()
    for turn, direction in zip(turns, heard, strict=True):
        order = (shop.words[place] for place in np.argsort(-(shop.word_directions @ direction)))
        free = (word for word in order if base(word) not in turn.said and base(word) not in used)
        found = [word for word, _ in zip(free, range(count), strict=False)]
        used.update(map(base, found))
        yield found


def words(turns: Sequence[Turn], heard: Array, shop: Shop) -> list[str]:
    """A list of words."""
    return [" ".join(found) for found in nearest_words(turns, heard, shop, 8)]


def articles(turns: Sequence[Turn], heard: Array, shop: Shop) -> list[str]:
    """Words that look like speech."""
    form = "the {} of the {} with my {} and your {} in that {}"
    return [form.format(*found) for found in nearest_words(turns, heard, shop, 5)]


def template(turns: Sequence[Turn], heard: Array, shop: Shop) -> list[str]:
    """Two words in a sentence that is always the same."""
    return ["I love {} and {} too".format(*found) for found in nearest_words(turns, heard, shop, 2)]


def label(turns: Sequence[Turn], heard: Array, shop: Shop) -> list[str]:
    """The name of the topic."""
    return [f"so that is about {TOPICS[int(np.argmax(shop.topic_directions @ near))]}" for near in heard]


def synonyms_of_synonyms(turns: Sequence[Turn], heard: Array, shop: Shop) -> list[str]:
    """Words two steps away from the last that were heard."""
    return [" ".join(list(dict.fromkeys(_two_steps(turn)))[:8]) for turn in turns]


def sentence(turns: Sequence[Turn], heard: Array, shop: Shop) -> list[str]:
    """The nearest sentence, none twice."""
    whole = np.array([shop.known[_plain(text)].direction for text in shop.sentences])
    found: list[str] = []
    for turn, near in zip(turns, heard, strict=True):
        order = [shop.sentences[place] for place in np.argsort(-(whole @ near))[:_LOOKED_AT]]
        found.append(max((text for text in order if text not in found), key=lambda text: _left(text, turn, near, shop)))
    return found


TRICKS: Final[Mapping[str, Callable[[Sequence[Turn], Array, Shop], list[str]]]] = {
    "words": words,
    "articles": articles,
    "template": template,
    "label": label,
    "synonyms": synonyms_of_synonyms,
    "sentence": sentence,
}


def _two_steps(turn: Turn) -> Iterator[str]:
    for heard in reversed(turn.heard):
        if heard not in STOPWORDS:
            near = sorted({far.lower() for step in synonyms(heard) for far in synonyms(step.lower())})
            yield from [word for word in near if base(word) not in turn.said and word not in STOPWORDS][:2]


def _left(text: str, turn: Turn, near: Array, shop: Shop) -> float:
    plain = _plain(text)
    kept = np.array([base(word) not in turn.said for word in plain], np.float64)
    rest = kept @ shop.known[plain].words + shop.known[plain].marks
    return float(rest @ near / np.linalg.norm(rest)) if kept.any() else -1.0


def _plain(text: str) -> Text:
    return tuple(token.text for token in tokens([Word(text, 0.0, 1.0)]))


def _encoded(texts: Sequence[Text]) -> Mapping[Text, Encoded]:
    return encoded(texts, group_folder("minilm-l6-v2"), int(relevance.parameters["layer"]))


def _record(turns: Sequence[Turn], answers: Sequence[str]) -> TextRecord:
    timed: list[WordRecord] = []
    free = 0.0
    for turn, answer in zip(turns, answers, strict=True):
        free = max(free, turn.end + DELAY_SECONDS)
        for text in answer.split():
            timed.append(WordRecord(text=text, start=round(free, 3), end=round(free + 0.9 * WORD_SECONDS, 3)))
            free += WORD_SECONDS
    return TextRecord(text=" ".join(word.text for word in timed), words=timed)


def write_tricks(dialogues: Sequence[Dialogue], shop: Shop, target: Path) -> None:
    """Write ``<trick>/text/<dialogue>.json`` below ``target``."""
    rules = load_protocol("strict").metrics["relevance"]
    turns = {dialogue.id: turns_of(dialogue, rules) for dialogue in dialogues}
    known = _encoded([turn.heard for own in turns.values() for turn in own])
    everybody = np.array([found.direction for found in known.values()]).mean(axis=0)
    for name, trick in TRICKS.items():
        for dialogue, own in turns.items():
            heard = np.array([known[turn.heard].direction - everybody for turn in own])
            record = _record(own, trick(own, heard, shop) if own else [])
            path = target / name / "text" / f"{dialogue}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, record.model_dump_json() + "\n")


@click.command()
@click.option("--data", default="studio", show_default=True, help="A name or a folder.")
@click.option("--split", default="val", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("tricks"), show_default=True)
def associate(data: str, split: str, out: Path) -> None:
    """Write the answers of every trick, one folder of predictions each."""
    write_tricks(list(open_dataset(data).dialogues(split)), shop_of(open_dataset("mini"), "train"), out)
    click.echo(f"{', '.join(TRICKS)} in {out}")


if __name__ == "__main__":
    sys.exit(run_command(associate, "python -m baselines.controls.associate"))
