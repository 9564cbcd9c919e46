"""A cast in which everybody plays equally often: nobody's face or voice decides a split's numbers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from omnibench.studio.people import Casting, Person, draw
from omnibench.studio.script import Script

RATES: Final = (Fraction(25), Fraction(30000, 1001), Fraction(30))


def balanced(scripts: Sequence[Script], people: Mapping[str, Sequence[Person]]) -> dict[str, Casting]:
    """By slug, two different people of the script's split and a frame rate.

    In a split of n scripts and p people everybody speaks and listens ``n // p`` times or once more, each time with
    somebody else where p > n / p. All is drawn from the slugs alone, so that it is the same for the same scripts.

    Args:
        scripts: all of a data set: to cast fewer would give them other people.
        people: by split, at least two.
    """
    found: dict[str, Casting] = {}
    for split in dict.fromkeys(script.split for script in scripts):
        drawn = sorted((s.slug for s in scripts if s.split == split), key=lambda slug: draw(slug, "cast"))
        cast = sorted(people[split], key=lambda person: draw(drawn[0], person.id))
        for i, slug in enumerate(drawn):
            apart = 1 + i // len(cast) % (len(cast) - 1)
            speaker, listener = cast[i % len(cast)], cast[(i + apart) % len(cast)]
            found[slug] = Casting(speaker, listener, RATES[draw(slug, "fps") % len(RATES)])
    return found
