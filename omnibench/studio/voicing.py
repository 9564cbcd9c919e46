"""Voices every script: a resumable, parallel driver that writes ``<out>/<split>/<slug>.{json,npz}``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from omnibench.studio.people import cast
from omnibench.studio.performance import save
from omnibench.studio.script import Script, read_scripts
from omnibench.studio.timeline import perform


def voice_all(scripts: Sequence[Script], out: Path, cache: Path, workers: int = 2) -> None:
    """Perform every script into ``out``; what ``cache`` holds is not spoken again.

    Args:
        scripts: the dialogues, in the order wished.
        out: receives ``<split>/<slug>.json`` and ``.npz`` (see :func:`omnibench.studio.performance.save`).
        cache: the synthesiser's answers by content hash, shared by all runs.
        workers: processes.
    """
    from tqdm import tqdm

    for script in scripts:
        cast(script)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_voice, script, out, cache) for script in scripts]
        for job in tqdm(as_completed(jobs), total=len(jobs), unit="dialogue", file=sys.stderr):
            job.result()


def _voice(script: Script, out: Path, cache: Path) -> None:
    save(perform(script, cache), out / script.split / script.slug)


def main() -> None:
    """``python -m omnibench.studio.voicing OUT CACHE [SPLIT ...]``."""
    out, cache, *splits = sys.argv[1:]
    voice_all(read_scripts(splits=tuple(splits) or ("train", "val", "test")), Path(out), Path(cache))


if __name__ == "__main__":
    main()
