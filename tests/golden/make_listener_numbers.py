"""Writes listeners.json: what the original ReactFace and ViCo modules answer with random weights.

REACTFACE_SOURCE=FOLDER VICO_SOURCE=FOLDER python tests/golden/make_listener_numbers.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from original_listeners import COMMITS, run_reactface, run_vico, source


def main() -> None:
    """Run both originals."""
    numbers = {}
    for name, run in (("reactface", run_reactface), ("vico", run_vico)):
        folder = source(name)
        if folder is None:
            raise SystemExit(f"{name.upper()}_SOURCE: set it to a folder with {COMMITS[name]}.")
        numbers[name] = {"source": COMMITS[name], **run(folder)}
    text = json.dumps(_rounded(numbers), separators=(",", ":"))
    Path(__file__).with_name("listeners.json").write_text(text + "\n", encoding="utf-8")


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 7) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
