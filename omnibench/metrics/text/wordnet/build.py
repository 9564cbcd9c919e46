"""Make the tables of this folder from WordNet 3.0's own files.

    python -m omnibench.metrics.text.wordnet.build --wordnet /usr/share/wordnet

The folder is WordNet 3.0's ``dict`` (Debian's package ``wordnet-base`` installs it as ``/usr/share/wordnet``). Only
files whose sha256 are those of WordNet 3.0 are taken: another version gives other METEOR scores.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from omnibench.errors import InputError
from omnibench.metrics.text.wordnet.lookup import ENDINGS, NOT_A_MEMBER

SOURCES: Final[Mapping[str, str]] = {
    "data.noun": "fea17d2f9656611334eac790e5d69e47645fa180c4aa481fb4cd9b3520754ca2",
    "index.noun": "a490d99d93d017bf4822fe2f0ffa51fd73911ce271dc7535fade21f8814b5a04",
    "noun.exc": "2b5d675c380b39ecf595af9fa9d4e7feb1d58c643b0bff08c40ed5bfe41fab7a",
    "data.verb": "adcf43e35b581e8036d8b5a52d63d9cd3d3b4870b2720d3c03c799df44777bc2",
    "index.verb": "e2ac24816c3a8289dcb72aaa9cf8db81fdf25ec34d792bfc96ac5b7a20c8b4ae",
    "verb.exc": "dbbcf9a601b2d77e934e413b91d90e88ec7f933a8b77cfc00602a923b891b42c",
    "data.adj": "c89120dfc1f046ddff4a631bf9b7e9fa1a36b5e86565a23bf82dbe14f30b88a7",
    "index.adj": "c9865d7b4d1f805bdef82ccdcea5282436e23083e6f6f1b33e716327c4eda810",
    "adj.exc": "8824cc24bbedd797b9702316b27f07cd4c2b76b629539f0a1276f03926758016",
    "data.adv": "444a63bf3955080ab7524f5079cfc07ff9bc682cb98bdb1db73b0fb9829f1139",
    "index.adv": "6f5465ed5758fe9c8a2f7ec17b1300f3aa875756c70ff7cba162f7e71bcf88ea",
    "adv.exc": "e7291461b629abfe63301bbe1998cee09fd575ed7107abd7ea9763adb05bf0a8",
}
"""sha256 of the files of WordNet 3.0 that are read."""


def synsets(data: Sequence[str]) -> dict[str, list[str]]:
    """One-word members by synset offset, from the lines of a ``data.*`` file (``wndb(5WN)``), syntactic markers like
    ``(a)`` taken off.
    """
    found = {}
    for line in data:
        fields = line.split(" ")
        names = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
        found[fields[0]] = [name.partition("(")[0] for name in names if "_" not in name]
    return found


def rows(index: Sequence[str], members: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Lines of a table, sorted: lemma and other members, from the lines of an ``index.*`` file (``wndb(5WN)``).

    Lemmas without a one-word member have no line.
    """
    for line in sorted(index):
        fields = line.split()
        lemma, offsets = fields[0], fields[-int(fields[2]) :]
        if lemma.startswith(NOT_A_MEMBER):
            raise InputError(f'The lemma "{lemma}" starts with "{NOT_A_MEMBER}", which marks lemmas in the tables.')
        names = {name for offset in offsets for name in members[offset]}
        if names:
            yield " ".join([lemma if lemma in names else NOT_A_MEMBER + lemma, *sorted(names - {lemma})])


def exceptions(lines: Sequence[str]) -> list[str]:
    """Lines of an exceptions table, sorted by form; of a form that is listed twice the later line counts, as for
    NLTK's reader.
    """
    by_form = {line.split()[0]: " ".join(line.split()) for line in lines}
    return [by_form[form] for form in sorted(by_form)]


def build(wordnet: Path, target: Path) -> None:
    """Write the eight tables into ``target``. Raises InputError where a file is not WordNet 3.0's."""
    for part in ENDINGS:
        members = synsets(_lines(wordnet / f"data.{part}"))
        _write(target / f"{part}.txt", rows(_lines(wordnet / f"index.{part}"), members))
        _write(target / f"{part}.exceptions.txt", exceptions(_lines(wordnet / f"{part}.exc")))


def _lines(path: Path) -> list[str]:
    """Lines of a file of WordNet 3.0, without the licence at its head."""
    if not path.is_file():
        raise InputError(f"{path} is not there. --wordnet is the folder with WordNet 3.0's data.noun and index.noun.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SOURCES[path.name]:
        raise InputError(f"{path} is not WordNet 3.0's {path.name}: its sha256 is not {SOURCES[path.name]}.")
    return [line for line in content.decode("ascii").splitlines() if line and not line.startswith("  ")]


def _write(path: Path, lines: Iterator[str] | list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m omnibench.metrics.text.wordnet.build", description=__doc__)
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet 3.0's files")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of the tables")
    chosen = parser.parse_args(arguments)
    build(chosen.wordnet, chosen.out)


if __name__ == "__main__":
    main()
