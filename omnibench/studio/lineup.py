"""A picture of people in moods, drawn with the animator's own expressions: a row a mood, a column a person.

python -m omnibench.studio.lineup OUT.png
python -m omnibench.studio.lineup OUT.jpg --people q01,q02 --moods neutral,happy --size 192
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omnibench.errors import OmnibenchError, unknown_name
from omnibench.media.face import pack
from omnibench.media.mesh.camera import NEUTRAL_T
from omnibench.media.renderer import get_renderer
from omnibench.studio.moods import expression_of
from omnibench.studio.script import MOODS
from omnibench.studio.style import style_of

PEOPLE: Final = ("q01", "q06", "q07", "q10", "q11", "q16", "q21", "q23", "q25", "q32", "q35", "q38")
SHOWN: Final = ("neutral", "happy", "surprised", "sad")
_QUALITY: Final = 88


def faces(person: str, moods: tuple[str, ...]) -> NDArray[np.float32]:
    """Coefficients (len(moods), 64) of a person who shows each mood fully, at rest before the camera."""
    levels = np.stack([np.eye(len(MOODS))[MOODS.index(mood)] for mood in moods])
    t = np.arange(len(moods), dtype=np.float64)
    shown = expression_of(levels, t, style_of(person), np.random.default_rng(0))
    turns = np.repeat(np.eye(3, dtype=np.float32)[None], len(moods), 0)
    places = np.repeat(np.array([NEUTRAL_T], np.float32), len(moods), 0)
    return pack(np.clip(shown, 0, 1).astype(np.float32), turns, places)


def lineup(people: tuple[str, ...], moods: tuple[str, ...], size: int, across: int) -> NDArray[np.uint8]:
    """People in moods side by side, ``across`` people to a row of the picture, (H, W, 3)."""
    columns = [np.concatenate(list(get_renderer().render(faces(who, moods), who, size))) for who in people]
    blank = np.full_like(columns[0], 255)
    rows = []
    for first in range(0, len(columns), across):
        row = columns[first : first + across]
        rows.append(np.concatenate([*row, *[blank] * (min(across, len(columns)) - len(row))], axis=1))
    return np.concatenate(rows)


def main(arguments: list[str] | None = None) -> int:
    """Draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m omnibench.studio.lineup", description=main.__doc__)
    parser.add_argument("out", type=Path, help="picture to write, .png or .jpg")
    parser.add_argument("--people", default=",".join(PEOPLE), help="renderer identities, comma-separated")
    parser.add_argument("--moods", default=",".join(SHOWN), help=f"of {', '.join(MOODS)}")
    parser.add_argument("--size", type=int, default=128, help="pixels of one face")
    parser.add_argument("--across", type=int, default=12, help="people to a row")
    options = parser.parse_args(arguments)
    moods = tuple(options.moods.split(","))
    try:
        for mood in moods:
            if mood not in MOODS:
                raise unknown_name("mood", mood, MOODS, "python -m omnibench.studio.lineup --help")
        picture = lineup(tuple(options.people.split(",")), moods, options.size, max(1, options.across))
    except OmnibenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    Image.fromarray(picture).save(options.out, quality=_QUALITY, optimize=True)
    print(f"{options.out}: {picture.shape[1]} x {picture.shape[0]} pixels, {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
