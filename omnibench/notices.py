"""What a machine lacks and a command does without, said once on standard error."""

from __future__ import annotations

import os
import sys
from typing import Final

SAID_VARIABLE: Final = "OMNIBENCH_SAID"
"""Topics that were spoken of, for the processes that this one starts."""


def notice(topic: str, message: str) -> None:
    """Say a sentence, once in a command and the processes that it starts.

    Args:
        topic: what it is about, a word: a second notice of it is dropped.
        message: what is not there, what follows, and what can be done.
    """
    said = os.environ.get(SAID_VARIABLE, "").split()
    if topic not in said:
        os.environ[SAID_VARIABLE] = " ".join([*said, topic])
        print(f"omnibench: {message}", file=sys.stderr, flush=True)
