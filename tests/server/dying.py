"""Runs an omnibench command that is killed (SIGKILL) at a function: ``dying.py before|after MODULE:NAME WORDS…``.

MODULE is the one that calls the function. What runs is the product; only the moment of the crash is chosen.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

from omnibench.cli import main


def die_at(when: str, place: str) -> None:
    module_name, _, name = place.partition(":")
    module = importlib.import_module(module_name)
    original = getattr(module, name)

    def dying(*positional: Any, **named: Any) -> Any:
        if when == "after":
            original(*positional, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, dying)


if __name__ == "__main__":
    die_at(sys.argv[1], sys.argv[2])
    sys.exit(main(sys.argv[3:]))
