"""The people of the studio and who plays whom: voices, pace, and a name that gives the renderer an appearance.

No person is in two splits, so a voice or a face that is scored was never seen in training.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from omnibench.studio.lexicon import Accent
from omnibench.studio.script import Role, Script

Gender = Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Person:
    """``id`` is also the renderer's identity key; ``voice`` names a Kokoro voice; ``speed`` scales its pace."""

    id: str
    voice: str
    speed: float

    @property
    def accent(self) -> Accent:
        """American voices begin with ``a``, British ones with ``b``."""
        return "us" if self.voice[0] == "a" else "gb"

    @property
    def gender(self) -> Gender:
        """The voice's second letter."""
        return "female" if self.voice[1] == "f" else "male"


PEOPLE: Final[dict[str, tuple[Person, ...]]] = {
    "train": (
        Person("anna", "af_heart", 1.05),
        Person("bella", "af_bella", 1.0),
        Person("clara", "af_kore", 1.08),
        Person("diana", "af_sarah", 1.1),
        Person("ella", "af_alloy", 1.04),
        Person("fiona", "af_jessica", 1.0),
        Person("grace", "bf_isabella", 1.08),
        Person("hazel", "bf_lily", 1.05),
        Person("adam", "am_michael", 1.06),
        Person("brian", "am_puck", 1.08),
        Person("carl", "am_liam", 1.02),
        Person("david", "am_eric", 1.05),
        Person("edward", "bm_lewis", 1.1),
        Person("frank", "bm_george", 1.06),
        Person("george", "am_onyx", 1.08),
    ),
    "val": (
        Person("irene", "af_nova", 1.05),
        Person("julia", "bf_alice", 1.1),
        Person("henry", "am_echo", 1.04),
        Person("isaac", "bm_daniel", 1.06),
    ),
    "test": (
        Person("karen", "af_aoede", 1.06),
        Person("laura", "bf_emma", 1.08),
        Person("megan", "af_sky", 1.02),
        Person("james", "am_fenrir", 1.05),
        Person("kevin", "bm_fable", 1.06),
    ),
}
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
