"""Which layer of all-MiniLM-L6-v2 tells a paraphrase from another sentence best, and what random pairs score in it.

    python tests/benchmarks/bench_bertscore_layers.py

On the human listeners' texts of mini's train split: every text is compared with itself, a word in two replaced by a
WordNet synonym (where it has one), and with the text of another dialogue. Prints for each layer the mean of both and
``d' = (paraphrase - random) / spread of random``; the random mean is the baseline of `bertscore_minilm`.
"""

from __future__ import annotations

import json
import random
from importlib.resources import files

import numpy as np

from omnibench.metrics.text.bertscore import bertscores, network_folder
from omnibench.metrics.text.wordnet.lookup import synonyms

SEED, LAYERS, PAIRS = 7, 6, 100


def texts() -> list[str]:
    folder = files("omnibench.datasets.mini").joinpath("data", "train", "text", "listener")
    named = sorted((path for path in folder.iterdir() if path.name.endswith(".json")), key=lambda path: path.name)
    found = (json.loads(path.read_text(encoding="utf-8"))["text"].strip() for path in named)
    return list(dict.fromkeys(text for text in found if len(text.split()) > 3))


def paraphrase(text: str, draw: random.Random) -> str:
    words = []
    for word in text.split():
        others = sorted(other for other in synonyms(word.lower()) if other.islower() and other != word.lower())
        words.append(draw.choice(others) if others and draw.random() < 0.5 else word)
    return " ".join(words)


def main() -> None:
    draw = random.Random(SEED)
    chosen = texts()
    draw.shuffle(chosen)
    chosen = chosen[:PAIRS]
    alike = tuple((text, paraphrase(text, draw)) for text in chosen)
    strangers = tuple(zip(chosen, [*chosen[1:], chosen[0]], strict=True))
    folder = network_folder("minilm-l6-v2")
    print(f"{len(chosen)} texts of {np.mean([len(text.split()) for text in chosen]):.1f} words")
    for layer in range(1, LAYERS + 1):
        near, far = (np.array([score[2] for score in bertscores(folder, layer, pairs)]) for pairs in (alike, strangers))
        print(
            f"layer {layer}: paraphrase {near.mean():.4f}, random {far.mean():.4f} (sd {far.std(ddof=1):.4f}), "
            f"d' {(near.mean() - far.mean()) / far.std(ddof=1):.2f}"
        )


if __name__ == "__main__":
    main()
