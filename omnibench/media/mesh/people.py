"""Who there is: ``p01`` to ``p28`` and the studio's ``q01`` to ``q48`` by hand (odd numbers female, even ones male),
anybody else by hash of the name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from omnibench.media.mesh.appearance import Appearance, generator
from omnibench.media.mesh.people_studio import STUDIO
from omnibench.media.mesh.tones import (
    AFRICAN,
    ASIAN,
    BLACK,
    BLOND,
    BLUE,
    BROWN,
    CAUCASIAN,
    CHESTNUT,
    DARK,
    DEEP,
    ESPRESSO,
    FAIR,
    GINGER,
    GREEN,
    GREY,
    HAZEL,
    INDIAN,
    LATIN,
    LIGHT,
    MIXED,
    OLIVE,
    PALE,
    SEPIA,
    SLATE,
    TAN,
    UMBER,
    WHITE,
)

_woman = partial(Appearance, gender="female", brow=0.8, lip=0.62)
_man = partial(Appearance, gender="male", brow=1.15, lip=0.30)

_LIST = (
    _woman("p01", 0.05, CAUCASIAN, FAIR, "long", CHESTNUT, HAZEL, (0.20, 0.36, 0.50), (0.74, 0.78, 0.80),
           neckline="scoop", shape={"head-oval": 0.6, "nose-point-up": 0.4, "mouth-upperlip-volume-incr": 0.5}),
    _man("p02", 0.15, CAUCASIAN, LIGHT, "short", ESPRESSO, BLUE, (0.28, 0.30, 0.34), (0.58, 0.66, 0.72),
         beard=0.25, shape={"head-square": 0.5, "chin-prominent-incr": 0.3}),
    _woman("p03", 0.10, AFRICAN, BROWN, "afro", BLACK, SEPIA, (0.85, 0.66, 0.20), (0.62, 0.70, 0.66),
           neckline="scoop", shape={"head-round": 0.5, "mouth-lowerlip-volume-decr": 0.5,
                  "mouth-upperlip-volume-decr": 0.6, "mouth-scale-horiz-incr": 0.3}),
    _man("p04", 0.20, AFRICAN, DARK, "buzz", BLACK, SEPIA, (0.80, 0.80, 0.78), (0.70, 0.62, 0.54),
         beard=0.45, build=(0.0, 0.0, 0.5), shape={"head-rectangular": 0.5, "nose-width1-incr": 0.3}),
    _woman("p05", 0.08, ASIAN, LIGHT, "fringe", BLACK, SEPIA, (0.80, 0.42, 0.42), (0.82, 0.78, 0.72),
           shape={"head-round": 0.6, "eye-scale-incr": 0.3, "chin-width-decr": 0.4, "mouth-scale-horiz-incr": 0.6}),
    _man("p06", 0.12, ASIAN, FAIR, "parted", BLACK, SEPIA, (0.16, 0.22, 0.36), (0.66, 0.72, 0.76),
         shape={"head-oval": 0.5, "nose-scale-horiz-decr": 0.3, "mouth-scale-horiz-incr": 0.8}),
    _woman("p07", 0.55, CAUCASIAN, PALE, "bob", GREY, BLUE, (0.42, 0.26, 0.42), (0.70, 0.72, 0.78),
           neckline="v", shape={"mouth-laugh-lines-in": 0.5, "head-oval": 0.4}),
    _man("p08", 0.65, CAUCASIAN, FAIR, "receded", GREY, SLATE, (0.34, 0.42, 0.34), (0.72, 0.68, 0.62),
         build=(0.5, 0.0, 0.0), shape={"nose-hump-incr": 0.6, "neck-double-incr": 0.5, "ear-scale-incr": 0.5}),
    _woman("p09", 0.10, INDIAN, TAN, "waves", BLACK, UMBER, (0.16, 0.46, 0.44), (0.78, 0.70, 0.60),
           neckline="v", shape={"nose-curve-convex": 0.4, "eye-scale-incr": 0.4}),
    _man("p10", 0.18, INDIAN, TAN, "quiff", BLACK, UMBER, (0.62, 0.24, 0.20), (0.60, 0.64, 0.62),
         beard=0.75, brow=1.35, shape={"head-diamond": 0.4, "nose-hump-incr": 0.5}),
    _woman("p11", 0.10, CAUCASIAN, PALE, "waves", GINGER, GREEN, (0.22, 0.40, 0.28), (0.72, 0.76, 0.70),
           neckline="scoop", shape={"chin-width-decr": 0.5, "head-triangular": 0.3, "nose-point-up": 0.6}),
    _man("p12", 0.15, CAUCASIAN, PALE, "crop", GINGER, BLUE, (0.24, 0.34, 0.52), (0.70, 0.74, 0.78),
         beard=0.9, shape={"chin-width-incr": 0.4, "head-rectangular": 0.4}),
    _woman("p13", 0.30, MIXED, BROWN, "curls", ESPRESSO, UMBER, (0.90, 0.88, 0.84), (0.56, 0.62, 0.70),
           neckline="scoop", shape={"cheek-bones-incr": 0.5, "mouth-scale-horiz-incr": 0.4}),
    _man("p14", 0.25, MIXED, DEEP, "curls", BLACK, SEPIA, (0.30, 0.46, 0.62), (0.76, 0.72, 0.64),
         beard=0.35, shape={"nose-volume-incr": 0.4, "chin-bones-incr": 0.3}),
    _woman("p15", 0.12, CAUCASIAN, LIGHT, "bun", BLOND, SLATE, (0.30, 0.28, 0.34), (0.80, 0.74, 0.72),
           neckline="v", shape={"head-invertedtriangular": 0.4, "cheek-bones-incr": 0.4}),
    _man("p16", 0.10, CAUCASIAN, FAIR, "parted", BLOND, BLUE, (0.52, 0.60, 0.48), (0.62, 0.66, 0.74),
         build=(0.0, 0.3, 0.0), shape={"head-diamond": 0.5, "nose-scale-vert-incr": 0.3}),
    _woman("p17", 0.40, ASIAN, OLIVE, "tied", BLACK, SEPIA, (0.34, 0.36, 0.58), (0.70, 0.76, 0.74),
           shape={"head-square": 0.4, "cheek-volume-incr": 0.4, "eye-epicanthus-in": 0.4,
                  "mouth-scale-horiz-incr": 0.4}),
    _man("p18", 0.60, ASIAN, OLIVE, "short", GREY, SEPIA, (0.44, 0.34, 0.28), (0.74, 0.76, 0.72),
         build=(0.3, 0.0, 0.0), shape={"eye-bag-incr": 0.5, "mouth-laugh-lines-in": 0.4,
                "mouth-scale-horiz-incr": 0.5}),
    _woman("p19", 0.08, LATIN, OLIVE, "long", ESPRESSO, UMBER, (0.72, 0.20, 0.28), (0.76, 0.72, 0.70),
           neckline="v", shape={"mouth-lowerlip-volume-incr": 0.6, "mouth-upperlip-volume-incr": 0.5}),
    _man("p20", 0.22, LATIN, TAN, "quiff", ESPRESSO, HAZEL, (0.88, 0.84, 0.74), (0.54, 0.60, 0.64),
         beard=0.55, shape={"head-scale-vert-incr": 0.3, "nose-greek-incr": 0.4}),
    _woman("p21", 0.15, AFRICAN, DEEP, "bun", BLACK, SEPIA, (0.62, 0.34, 0.56), (0.78, 0.74, 0.66),
           neckline="scoop", shape={"head-oval": 0.5, "cheek-bones-incr": 0.6, "forehead-nubian-incr": 0.3,
                  "mouth-lowerlip-volume-decr": 0.3, "mouth-upperlip-volume-decr": 0.6, "mouth-scale-horiz-incr": 0.3}),
    _man("p22", 0.45, AFRICAN, BROWN, "bald", BLACK, SEPIA, (0.22, 0.26, 0.30), (0.66, 0.72, 0.72),
         beard=0.85, build=(0.4, 0.0, 0.0), shape={"head-round": 0.4}),
    _woman("p23", 0.70, LATIN, LIGHT, "curls", WHITE, HAZEL, (0.30, 0.48, 0.58), (0.72, 0.66, 0.66),
           build=(0.5, 0.0, 0.0), shape={"nose-point-down": 0.4, "neck-double-incr": 0.4}),
    _man("p24", 0.30, CAUCASIAN, LIGHT, "bald", ESPRESSO, GREEN, (0.50, 0.22, 0.24), (0.64, 0.68, 0.66),
         beard=0.20, build=(0.0, 0.0, 0.6), shape={"head-square": 0.6, "chin-cleft-incr": 0.6}),
    _woman("p25", 0.10, CAUCASIAN, FAIR, "bob", BLACK, GREEN, (0.88, 0.62, 0.54), (0.60, 0.68, 0.74),
           shape={"head-triangular": 0.4, "eye-scale-incr": 0.5, "nose-scale-horiz-decr": 0.4}),
    _man("p26", 0.20, CAUCASIAN, OLIVE, "curls", CHESTNUT, HAZEL, (0.24, 0.44, 0.40), (0.78, 0.74, 0.70),
         beard=0.5, shape={"nose-scale-depth-incr": 0.4, "head-scale-horiz-decr": 0.4}),
    _woman("p27", 0.20, INDIAN, BROWN, "tied", BLACK, UMBER, (0.86, 0.50, 0.22), (0.66, 0.74, 0.76),
           neckline="scoop", shape={"head-diamond": 0.4, "nose-flaring-incr": 0.3}),
    _man("p28", 0.35, ASIAN, TAN, "crop", BLACK, SEPIA, (0.40, 0.48, 0.30), (0.72, 0.70, 0.76),
         beard=0.3, build=(0.6, 0.0, 0.0), shape={"head-round": 0.7, "cheek-volume-incr": 0.5,
                "mouth-scale-horiz-incr": 0.45}),
)  # fmt: skip

PEOPLE: Final[dict[str, Appearance]] = {person.name: person for person in _LIST}


def appearance(identity: str) -> Appearance:
    """What the person named ``identity`` looks like: from the table, or one of the table reshaped by the name's hash.

    The same name is the same person on every machine. Names outside the table have a gender too, in ``gender``.
    """
    if identity in PEOPLE:
        return PEOPLE[identity]
    if identity in STUDIO:
        return STUDIO[identity]
    rng = generator(identity, "appearance")
    model = _LIST[int(rng.integers(len(_LIST)))]
    same = [person for person in _LIST if person.gender == model.gender]
    # Skin, race and hair colour stay together; the rest is shuffled among people of the same gender.
    style, clothes, walls = (same[int(rng.integers(len(same)))] for _ in range(3))
    shape = dict(model.shape)
    for word in ("head-oval", "head-square", "chin-width-incr", "nose-scale-vert-incr", "mouth-scale-horiz-incr"):
        shape[word] = shape.get(word, 0.0) + float(rng.uniform(-0.3, 0.5))
    return replace(
        model,
        name=identity,
        age=float(rng.uniform(0.0, 0.5)),
        hair_style=style.hair_style,
        top=clothes.top,
        neckline=clothes.neckline,
        backdrop=walls.backdrop,
        shape=shape,
    )
