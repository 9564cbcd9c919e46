"""Reference numbers of METEOR: NLTK with its own WordNet reader and its own Punkt.

    pip install nltk==3.10.4
    python tests/golden/make_meteor_numbers.py NLTK_DATA

NLTK_DATA holds ``corpora/wordnet`` (WordNet 3.0) and ``tokenizers/punkt_tab/english``. Writes ``meteor.json`` beside
this file.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import nltk

PAIRS = [
    ("Yeah, I know. That's what I thought.", "yeah i know thats what i thought"),
    ("I can't believe Dr. Smith went to the U.S. in Jan. 2020!", "I cannot believe the doctor went to America."),
    ("The car is quick. It stops.", "Automobiles are fast, and they halt."),
    ('She said "hello" (twice), didn\'t she?', 'She said "hi" once; did she?'),
    ("Wow!!! Really?!", "Wow! Really..."),
    ("the the the cat", "cat the the"),
    ("We're gonna buy dogs and cats.", "We are going to purchase a dog and a cat"),
    ("It costs $3.88, i.e. 3,36 euros -- cheap.", "It cost 3.88 dollars, that is inexpensive!"),
    ("Mhm.", "Uh-huh."),
    ("running ran runs runner", "run run run run"),
    ("He quickly answered the phone and then left for work.", "Then, rapidly, he replied and departed to his job."),
    ("café naïve über 42%", "cafe naive uber 42 %"),
    ("'Tis the season, y'all; c'mon, gimme more!", "It's the season: give me some more."),
    ("I feel happy about my new job", "I am glad about the new occupation I have"),
]
WORDS = [
    "dog",
    "dogs",
    "cat",
    "cats",
    "ran",
    "running",
    "run",
    "runs",
    "better",
    "best",
    "worse",
    "men",
    "women",
    "children",
    "mice",
    "geese",
    "leaves",
    "lives",
    "went",
    "gone",
    "go",
    "was",
    "is",
    "are",
    "be",
    "been",
    "car",
    "cars",
    "auto",
    "big",
    "bigger",
    "biggest",
    "happy",
    "happier",
    "glad",
    "quickly",
    "fast",
    "faster",
    "hot",
    "hotter",
    "good",
    "well",
    "bad",
    "i",
    "us",
    "no",
    "yes",
    "not",
    "axes",
    "bases",
    "data",
    "media",
    "quiz",
    "quizzes",
    "fishes",
    "fish",
    "lying",
    "lies",
    "lay",
    "saw",
    "sawed",
    "thing",
    "things",
    "u.s.",
    "new_york",
    "einstein",
    "christmas",
    "paris",
    "hello",
    "hi",
    "okay",
    "mhm",
    "conversational",
    "xyzzy",
    "1",
    "2nd",
    "''",
    ".",
    "n't",
    "'s",
    "a",
    "an",
    "the",
    "answered",
    "answer",
    "guess",
    "guesses",
    "studies",
    "studying",
    "tried",
    "wolves",
    "knives",
    "dishes",
    "churches",
    "boxes",
    "ladies",
    "police",
]


def main(folder: str) -> None:
    nltk.data.path[:] = [folder]
    from nltk.corpus import wordnet
    from nltk.tokenize import word_tokenize
    from nltk.translate.meteor_score import meteor_score

    def names(word: str) -> list[str]:
        lemmas = chain.from_iterable(synset.lemmas() for synset in wordnet.synsets(word))
        return sorted({lemma.name() for lemma in lemmas if "_" not in lemma.name()} | {word})

    pairs = [(word_tokenize(reference), word_tokenize(hypothesis)) for reference, hypothesis in PAIRS]
    document = {
        "versions": {"nltk": version("nltk"), "wordnet": wordnet.get_version()},
        "pairs": [
            {
                "reference": texts[0],
                "hypothesis": texts[1],
                "reference_words": words[0],
                "hypothesis_words": words[1],
                "meteor": meteor_score([words[0]], words[1]),
            }
            for texts, words in zip(PAIRS, pairs, strict=True)
        ],
        "synonyms": {word: names(word) for word in WORDS},
    }
    path = Path(__file__).with_name("meteor.json")
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
