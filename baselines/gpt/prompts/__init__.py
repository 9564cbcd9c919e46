"""The prompt, a text file of this folder, and the hash under which it goes into a run's identity and signatures."""

from __future__ import annotations

import hashlib
from importlib.resources import files


def system_prompt() -> str:
    """What the model is told before the dialogue."""
    return files(__package__).joinpath("system.txt").read_text(encoding="utf-8").strip()


def prompts_hash() -> str:
    """First 12 hex digits of sha256 over the prompt as it is sent."""
    return hashlib.sha256(system_prompt().encode()).hexdigest()[:12]
