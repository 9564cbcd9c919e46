"""Reference numbers of BERTScore: the package ``bert-score`` with the transformers version that it was right on.

    pip install bert-score==0.3.13 transformers==4.57.6 "torch==2.13.0"
    python tests/golden/make_bertscore_numbers.py

Writes ``bertscore.json`` beside this file: the tiny networks' vocabularies, the pairs, and P, R, F of every layer.
"""

from __future__ import annotations

import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from bert_score import BERTScorer
from tokenizers import ByteLevelBPETokenizer

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tiny_encoders import LAYERS, write_bert, write_roberta  # noqa: E402

PAIRS = [
    ("the cat sat on the mat", "the cat sat on the mat"),
    ("the cat sat on the mat", "on the mat sat the cat"),
    ("yeah i know what you mean", "Yeah, I know."),
    ("that is a good question", "  what was the question again? "),
    ("no", "yes"),
    ("hello there", "there hello"),
    ("i think so too", "I don't think so - not at all!"),
    ("how are you today", "café naïve 42% über"),
    ("the answer " * 40, "the question and the answer " * 25),
    ("tell me more about it", "mhm"),
    ("hello", ""),
    ("", "hello"),
]
"""Reference and answer. The ninth is longer than the networks' 48 positions; in the last two a side is empty."""

CORPUS = [text for pair in PAIRS[:8] for text in pair] + ["there is more to know", "you know that the question is good"]


def bpe() -> tuple[dict[str, int], list[str]]:
    tokenizer = ByteLevelBPETokenizer(add_prefix_space=True)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(CORPUS, vocab_size=330, min_frequency=2, special_tokens=special, show_progress=False)
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, merges = (Path(path) for path in tokenizer.save_model(folder))
        return json.loads(vocabulary.read_text()), merges.read_text().splitlines()[1:]


def word_pieces() -> list[str]:
    letters = sorted({letter for text in CORPUS for letter in text.lower() if not letter.isspace()})
    words = sorted({word for text in CORPUS[:6] for word in text.lower().split()} - set(letters))
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *words]


def numbers(folder: Path) -> dict[str, list[list[float]]]:
    references, answers = ([pair[side] for pair in PAIRS] for side in (0, 1))
    found = {}
    for layer in range(1, LAYERS + 1):
        scorer = BERTScorer(model_type=str(folder), num_layers=layer, idf=False, batch_size=64, device="cpu")
        found[str(layer)] = [part.tolist() for part in scorer.score(answers, references)]
    return found


def main() -> None:
    vocabulary, merges = bpe()
    pieces = word_pieces()
    with tempfile.TemporaryDirectory() as folder:
        document = {
            "versions": {name: version(name) for name in ("bert-score", "transformers", "tokenizers", "torch")},
            "pairs": PAIRS,
            "roberta": {
                "vocabulary": vocabulary,
                "merges": merges,
                "layers": numbers(write_roberta(Path(folder) / "roberta", vocabulary, merges)),
            },
            "bert": {"vocabulary": pieces, "layers": numbers(write_bert(Path(folder) / "bert", pieces))},
        }
    (HERE / "bertscore.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
