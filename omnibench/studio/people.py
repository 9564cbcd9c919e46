"""The people of the studio and who plays whom: voices, pace, and an id that gives the renderer an appearance.

Ids are those of the mesh renderer's hand-made people: odd numbers are women, even ones men, as are their voices. No
person is in two splits, so a voice or a face that is scored was never seen in training.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from omnibench.assets.lexicon import Accent
from omnibench.studio.kokoro import SAMPLE_RATE as KOKORO_RATE
from omnibench.studio.script import Role, Script

Gender = Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Person:
    """``id`` is also the renderer's identity key, ``voice`` as ``kokoro.voice_table`` takes it; ``speed`` is its pace
    over the table's own.

    ``rate``: samples a second at which the synthesiser's sound (24 kHz) is played. Below 24,000 the vocal tract is
    longer and the voice lower, so one table can be two people; ``speed`` makes up for the pace. ``pitch`` is what the
    planned pitch is multiplied with; `omnibench.studio.speech.planned` alone knows it.
    """

    id: str
    voice: str
    speed: float
    rate: int = KOKORO_RATE
    pitch: float = 1.0

    @property
    def accent(self) -> Accent:
        """British if every part of the voice is: those begin with ``b``. All others speak American English."""
        return "gb" if all(part[0] == "b" for part in tables_of(self.voice)) else "us"

    @property
    def gender(self) -> Gender:
        """The second letter: a mean begins with whom it sounds like, and ``a/b`` has the pitch of ``b``."""
        return "female" if self.voice.split("/")[-1][1] == "f" else "male"


def tables_of(voice: str) -> list[str]:
    """The voice tables that a voice is made of.

    Example:
        >>> tables_of("am_onyx/jf_alpha")
        ['am_onyx', 'jf_alpha']
    """
    return voice.replace("/", "+").split("+")


PEOPLE: Final[dict[str, tuple[Person, ...]]] = {
    "train": (
        Person("p01", "af_heart", 0.93),
        Person("p03", "af_bella", 0.89),
        Person("p15", "af_kore", 0.96),
        Person("p19", "af_sarah", 0.98),
        Person("p21", "af_alloy", 0.93),
        Person("p09", "af_jessica", 0.89),
        Person("p07", "bf_isabella", 0.96),
        Person("p23", "bf_lily", 0.93),
        Person("p02", "am_michael", 0.94),
        Person("p20", "am_puck", 0.96),
        Person("p04", "am_liam", 0.91),
        Person("p10", "am_eric", 0.93),
        Person("p16", "bm_lewis", 0.98),
        Person("p08", "bm_george", 0.94),
        Person("p22", "am_onyx", 0.96),
    ),
    "val": (
        Person("p17", "af_nova", 0.93),
        Person("p25", "bf_alice", 0.98),
        Person("p06", "am_echo", 0.93),
        Person("p18", "bm_daniel", 0.94),
    ),
    "test": (
        Person("p13", "af_aoede", 0.94),
        Person("p11", "bf_emma", 0.96),
        Person("p05", "af_sky", 0.91),
        Person("p14", "am_fenrir", 0.93),
        Person("p12", "bm_fable", 0.94),
    ),
}
STUDIO_PEOPLE: Final[dict[str, tuple[Person, ...]]] = {
    "val": (
        Person("q33", "bf_emma/bf_isabella", 1.10, 20_500),
        Person("q34", "af_sky/am_santa", 1.03, 20_500),
        Person("q35", "bf_emma/bf_isabella", 0.81, 26_750),
        Person("q36", "am_santa/am_adam", 1.01, 20_500),
        Person("q37", "af_bella", 1.20, 20_000),
        Person("q38", "jm_kumo/bm_daniel", 0.83, 24_100),
        Person("q39", "hf_beta/bf_isabella", 0.85, 27_300),
        Person("q40", "am_santa/am_adam", 0.87, 28_000),
        Person("q41", "hm_psi+zf_xiaoni/af_alloy", 1.15, 20_500),
        Person("q42", "am_adam/am_michael", 1.00),
        Person("q43", "hf_beta/bf_isabella", 0.95, 22_500),
        Person("q44", "bf_lily/bm_daniel", 0.87, 28_100),
        Person("q45", "am_eric/af_sarah", 0.87, 26_750, 1.2),
        Person("q46", "if_sara/am_fenrir", 0.85, 25_400, 0.92),
        Person("q47", "am_puck/bf_emma", 0.92, 25_800, 1.2),
        Person("q48", "hm_psi/am_adam", 0.87, 27_450),
    ),
    "test": (
        Person("q01", "am_michael/af_heart", 0.87, 26_750, 1.2),
        Person("q02", "hf_beta/am_michael", 0.95),
        Person("q03", "am_adam/bf_isabella", 0.96, 25_400),
        Person("q04", "af_nova/am_puck", 0.90, 20_500),
        Person("q05", "am_echo/af_sarah", 0.83, 28_700),
        Person("q06", "am_puck", 0.76, 28_500),
        Person("q07", "if_sara/af_nova", 1.22, 20_100),
        Person("q08", "af_river/bm_george", 1.13, 21_000),
        Person("q09", "am_liam/bf_isabella", 1.01, 22_200),
        Person("q10", "jm_kumo+bf_emma", 0.84),
        Person("q11", "bf_isabella", 0.76, 28_000),
        Person("q12", "bf_isabella/am_michael", 1.03, 20_500),
        Person("q13", "af_nicole", 0.97, 26_000),
        Person("q14", "bm_daniel", 1.10, 20_500),
        Person("q15", "af_river/af_nova", 0.91, 28_500),
        Person("q16", "am_adam/am_santa", 0.87, 28_550),
        Person("q17", "af_river/af_sarah", 0.88),
        Person("q18", "am_santa", 0.86),
        Person("q19", "jm_kumo/af_bella", 0.77, 26_950),
        Person("q20", "hm_psi", 1.12, 22_900),
        Person("q21", "if_sara/bf_alice", 0.97, 22_850),
        Person("q22", "am_michael", 0.82, 28_000),
        Person("q23", "am_puck/bf_emma", 1.04, 21_500),
        Person("q24", "bf_emma/bm_lewis", 1.03, 22_200),
        Person("q25", "zm_yunjian+if_sara/bf_isabella", 0.85, 27_450),
        Person("q26", "im_nicola/am_santa", 0.83, 26_500),
        Person("q27", "am_santa+jf_alpha/af_kore", 0.91),
        Person("q28", "af_jessica/am_puck", 0.87, 22_200),
        Person("q29", "zm_yunjian+if_sara/bf_isabella", 0.98, 22_500),
        Person("q30", "af_nicole/am_echo", 0.97, 20_500),
        Person("q31", "im_nicola/bf_alice", 0.97, 22_350),
        Person("q32", "am_adam/am_santa", 1.01, 20_500),
    ),
}
"""The people of the data set ``studio``, none of whom sounds like another."""

FRAME_RATES: Final = (Fraction(25), Fraction(30))


@dataclass(frozen=True, slots=True)
class Casting:
    """Who plays the two roles, and the video's frames a second."""

    speaker: Person
    listener: Person
    fps: Fraction

    def of(self, role: Role) -> Person:
        """The person of a role."""
        return self.speaker if role == "speaker" else self.listener


def cast(script: Script) -> Casting:
    """Two different people of the script's split and a frame rate, drawn by a hash of the slug."""
    people = PEOPLE[script.split]
    first = draw(script.slug, "speaker") % len(people)
    second = (first + 1 + draw(script.slug, "listener") % (len(people) - 1)) % len(people)
    return Casting(people[first], people[second], FRAME_RATES[draw(script.slug, "fps") % 2])


def draw(*parts: str) -> int:
    """A 48-bit integer that depends on nothing but its arguments."""
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:6], "big")
