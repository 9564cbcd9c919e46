"""A secret from which a build draws: who speaks, how, under which name. Without it, none of that can be told."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from typing import Final

from omnibench.errors import UsageError
from omnibench.studio.script import Script

LEAST_CHARACTERS: Final = 16
_COST: Final = 2**14
"""Of scrypt: guessing takes a twentieth of a second a guess."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A key; nothing that is drawn from it tells it."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Secret:
        """The key of what a host keeps to themselves. Raises UsageError for what can be guessed."""
        words = text.strip()
        if len(words) < LEAST_CHARACTERS:
            raise UsageError(
                f"The secret has {len(words)} characters; expected at least {LEAST_CHARACTERS}, like those of "
                f"`python -c 'import secrets; print(secrets.token_hex())'`."
            )
        return cls(hashlib.scrypt(words.encode(), salt=b"omnibench data build", n=_COST, r=8, p=1))

    def draw(self, *parts: str) -> str:
        """32 hex digits that depend on the secret and the arguments alone."""
        return hmac.new(self.key, "|".join(parts).encode(), hashlib.sha256).hexdigest()[:32]

    @property
    def tag(self) -> str:
        """Names the data set that is built: equal for equal secrets."""
        return self.draw("name")[:8]

    @property
    def salt(self) -> str:
        """Of the commitment to the listeners."""
        return self.draw("salt")

    def applied(self, script: Script) -> Script:
        """The script with a slug that tells nothing, from which cast, times and faces are drawn."""
        return replace(script, slug=self.draw("slug", script.split, script.slug))
