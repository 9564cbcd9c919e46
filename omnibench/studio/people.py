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
    """``id`` is also the renderer's identity key, ``voice`` a Kokoro voice or ``a+b``; ``speed`` scales its pace.

    ``rate``: samples a second at which the synthesiser's sound (24 kHz) is played. Below 24,000 the vocal tract is
    longer and the voice lower, so one table can be two people; ``speed`` makes up for the pace.
    """

    id: str
    voice: str
    speed: float
    rate: int = KOKORO_RATE

    @property
    def accent(self) -> Accent:
        """British if every part of the voice is: those begin with ``b``. All others speak American English."""
        return "gb" if all(part[0] == "b" for part in self.voice.split("+")) else "us"

    @property
    def gender(self) -> Gender:
        """The second letter; a mixture of a woman's and a man's voice begins with whom it sounds like."""
        return "female" if self.voice[1] == "f" else "male"


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
        Person("q33", "zf_xiaobei", 1.02),
        Person("q34", "pm_santa", 0.85),
        Person("q35", "jf_alpha", 1.16, 20_000),
        Person("q36", "im_nicola", 0.84, 25_000),
        Person("q37", "if_sara+zm_yunyang", 0.76, 27_000),
        Person("q38", "hm_omega", 1.00, 23_000),
        Person("q39", "zf_xiaoyi", 0.88, 21_000),
        Person("q40", "am_adam", 0.92, 22_000),
        Person("q41", "hf_beta", 1.02, 22_000),
        Person("q42", "zm_yunxi", 0.91, 22_000),
        Person("q43", "zf_xiaobei+im_nicola", 0.76, 28_000),
        Person("q44", "zm_yunjian", 0.76, 25_000),
        Person("q45", "hf_alpha", 0.84, 28_000),
        Person("q46", "bm_lewis+if_sara", 0.85, 23_000),
        Person("q47", "ff_siwis+af_river", 0.84),
        Person("q48", "am_onyx+jf_alpha", 1.01, 21_000),
    ),
    "test": (
        Person("q01", "zf_xiaoni+am_liam", 0.76, 26_000),
        Person("q02", "am_adam+af_river", 0.77, 25_500),
        Person("q03", "jf_nezumi", 0.91, 26_000),
        Person("q04", "zm_yunyang", 0.76, 28_000),
        Person("q05", "ff_siwis", 1.05, 20_000),
        Person("q06", "am_puck", 0.76, 28_500),
        Person("q07", "bf_emma+af_nicole", 1.00, 27_000),
        Person("q08", "am_puck", 1.02, 21_000),
        Person("q09", "zf_xiaoyi+am_liam", 0.85, 22_000),
        Person("q10", "jm_kumo+bf_emma", 0.84),
        Person("q11", "bf_isabella", 0.76, 28_000),
        Person("q12", "hm_psi", 0.89, 27_000),
        Person("q13", "zf_xiaoni", 1.03, 20_000),
        Person("q14", "bm_daniel", 1.10, 20_000),
        Person("q15", "af_jessica+bf_emma", 0.82, 21_000),
        Person("q16", "am_eric+af_nicole", 1.06, 20_000),
        Person("q17", "af_jessica+bf_emma", 0.76, 28_000),
        Person("q18", "zm_yunyang", 0.90, 20_000),
        Person("q19", "if_sara", 0.79),
        Person("q20", "hm_psi", 1.12, 22_000),
        Person("q21", "zf_xiaoni", 0.79, 27_000),
        Person("q22", "am_adam+af_river", 0.92, 22_500),
        Person("q23", "jf_nezumi", 1.16, 20_000),
        Person("q24", "jm_kumo+bf_emma", 1.01, 20_000),
        Person("q25", "jf_tebukuro+am_santa", 1.21, 20_000),
        Person("q26", "am_eric+af_nicole", 0.97),
        Person("q27", "if_sara", 0.93, 21_000),
        Person("q28", "zm_yunyang", 0.85, 23_000),
        Person("q29", "bf_alice", 1.02, 20_000),
        Person("q30", "am_michael", 0.81, 27_000),
        Person("q31", "jf_tebukuro+am_santa", 0.94, 25_000),
        Person("q32", "bm_lewis", 0.82, 28_000),
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
