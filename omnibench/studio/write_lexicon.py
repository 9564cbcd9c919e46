"""Write the shipped lexicon from the scripts and misaki: ``python -m omnibench.studio.write_lexicon``."""

from __future__ import annotations

import json

from omnibench.assets.lexicon import DATA, Accent, Entry, Lexicon, misaki_entries, words_of
from omnibench.files.atomic import write_text
from omnibench.studio.script import SCRIPTS, read_scripts


def prune(words: set[str], accent: Accent) -> dict[str, Entry]:
    """The entries of exactly these words, inflected forms included, for ``lexicon.json``."""
    lexicon = Lexicon(accent, misaki_entries(accent))
    return {word: lexicon.find(word) for word in sorted(words)}


def main() -> None:
    """Write ``lexicon.json``: the words of the scripts in both accents."""
    scripts = [*read_scripts(), *read_scripts(SCRIPTS / "studio", ("val", "test"))]
    said = [line.text for script in scripts for line in script.lines if not line.is_nod]
    words = {word.lower() for text in said for word, _ in words_of(text)}
    pruned = {accent: prune(words, accent) for accent in ("us", "gb")}
    write_text(DATA, json.dumps(pruned, ensure_ascii=False, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
