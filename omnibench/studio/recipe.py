"""What tells one data set of the studio from another: scripts, people, voices, and which splits have all media."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from omnibench.studio.casting import balanced
from omnibench.studio.people import STUDIO_PEOPLE, Casting, Person, cast
from omnibench.studio.script import SCRIPTS, Script
from omnibench.studio.speech.planned import say
from omnibench.studio.voice import Utterance, speak

Cast = Callable[[Sequence[Script]], Mapping[str, Casting]]
Say = Callable[[str, Person, str, Path | None], Utterance]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a data set is made.

    Attributes:
        name, version: of the manifest.
        scripts: the folder with ``<split>/*.txt``.
        first_id: by split, in the manifest's order, the number of its first dialogue.
        whole: the splits with FLAC, float32 vectors and video; the others are compact (`omnibench.studio.writing`).
        hidden: the split that a secret makes another one of.
        cast: who plays whom, by slug, from all scripts of the data set.
        say: the synthesiser; its last argument is a folder that keeps its answers.
        time: the same without sound: words and how long it takes to say them.
        graded: whether the manifest tells how hard a dialogue is.
    """

    name: str
    version: str
    scripts: Path
    first_id: Mapping[str, int]
    whole: frozenset[str]
    hidden: str
    cast: Cast
    say: Say
    time: Callable[[str, Person, str], Utterance]
    graded: bool

    @property
    def splits(self) -> tuple[str, ...]:
        """In the manifest's order."""
        return tuple(self.first_id)


def _drawn(scripts: Sequence[Script]) -> dict[str, Casting]:
    return {script.slug: cast(script) for script in scripts}


MINI: Final = Recipe(
    name="mini",
    version="mini-v1",
    scripts=SCRIPTS,
    first_id={"train": 1, "val": 1001, "test": 2001},
    whole=frozenset({"test"}),
    hidden="test",
    cast=_drawn,
    say=speak,
    time=speak,
    graded=False,
)
STUDIO: Final = Recipe(
    name="studio",
    version="studio-v1",
    scripts=SCRIPTS / "studio",
    first_id={"val": 1001, "test": 2001},
    whole=frozenset(),
    hidden="test",
    cast=partial(balanced, people=STUDIO_PEOPLE),
    say=say,
    time=partial(say, sound=False),
    graded=True,
)
RECIPES: Final[Mapping[str, Recipe]] = {recipe.name: recipe for recipe in (MINI, STUDIO)}
"""By name, as `omnibench data build` takes them."""
