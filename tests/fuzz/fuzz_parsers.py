"""Mutate valid files and read them: nothing but the project's own errors may come out, and soon.

    python tests/fuzz/fuzz_parsers.py --inputs 200000

The same seed gives the same inputs. What comes out otherwise is kept below ``--keep``, a file an error, with the
traceback beside it; the exit status is 1 then. `test_fuzz.py` runs a share of it with the other tests.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

HERE: Final = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from mutations import mutated  # noqa: E402
from parser import Parser  # noqa: E402
from parsers import parsers  # noqa: E402

from leaderboard.archive.zip_structure import ZipFault  # noqa: E402
from omnibench.errors import OmnibenchError  # noqa: E402
from omnibench.files.checked import JsonFault  # noqa: E402

OWN: Final = (OmnibenchError, ZipFault, JsonFault)
SECONDS: Final = 10.0
"""Of the processor that one input may take."""

MEBIBYTES: Final = 512
"""That one input may add to the process at its largest."""


class TooSlow(BaseException):
    """No handler of a parser's own may take it for a damaged file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that ended otherwise than it may: what came out, and of which input."""

    parser: str
    error: str
    number: int
    content: bytes
    trace: str

    @property
    def kind(self) -> str:
        """Findings of one kind have one cause, as far as the last line of the traceback in our code tells."""
        lines = [line.strip() for line in self.trace.splitlines() if line.lstrip().startswith("File ")]
        own = [line for line in lines if any(f"/{name}/" in line for name in ("omnibench", "baselines", "leaderboard"))]
        return f"{self.parser}: {self.error.partition(':')[0]} in {own[-1] if own else '?'}"


def fuzz(parser: Parser, inputs: int, seed: int) -> Iterator[Finding]:
    """Read ``inputs`` mutations of a parser's valid files, and yield what comes out that may not."""
    own = (*OWN, *_transient())
    seeds = parser.seeds()
    kept = parser.path.read_bytes()
    try:
        for number in range(inputs):
            # A string, since a tuple's hash differs from process to process.
            rng = random.Random(f"{seed}/{parser.name}/{number}")
            content = mutated(rng.choice(seeds), parser.kind, rng, seeds)
            parser.path.write_bytes(content)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            try:
                with bounded(SECONDS):
                    parser.read(parser.path)
            except own:
                pass
            except (Exception, TooSlow) as error:
                trace = "".join(traceback.format_exception(error))
                yield Finding(parser.name, f"{type(error).__name__}: {error}"[:300], number, content, trace)
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            if grown > MEBIBYTES:
                yield Finding(parser.name, f"Memory: {grown:.0f} MiB more", number, content, "")
    finally:
        parser.path.write_bytes(kept)


def shares(found: Sequence[Parser], inputs: int) -> dict[str, int]:
    """How many of ``inputs`` each parser gets, at least one."""
    whole = sum(parser.weight for parser in found)
    return {parser.name: max(1, round(inputs * parser.weight / whole)) for parser in found}


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise TooSlow in what takes the processor longer: a busy machine is no fault of a parser's."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _transient() -> tuple[type[Exception], ...]:
    """What the gpt model raises for an answer that may come out well another time, where its client is installed."""
    try:
        from baselines.gpt.endpoint import Transient
    except ImportError:
        return ()
    return (Transient,)


def main(arguments: Sequence[str] | None = None) -> int:
    """The long run."""
    options = argparse.ArgumentParser(prog="fuzz_parsers.py", description=__doc__)
    options.add_argument("--inputs", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--parser", help="only those whose name holds this")
    options.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    asked = options.parse_args(arguments)
    warnings.simplefilter("ignore")
    kinds: Counter[str] = Counter()
    done, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        found = [parser for parser in parsers(Path(root)) if (asked.parser or "") in parser.name]
        for parser in found:
            inputs, at = shares(found, asked.inputs)[parser.name], time.monotonic()
            for finding in fuzz(parser, inputs, asked.seed):
                kinds[finding.kind] += 1
                if kinds[finding.kind] == 1:
                    _keep(finding, asked.keep)
            done += inputs
            print(
                f"{parser.name}: {inputs} inputs in {time.monotonic() - at:.1f} s, {kinds.total()} findings so far",
                flush=True,
            )
    for kind, count in kinds.most_common():
        print(f"{count} x {kind}")
    minutes = (time.monotonic() - begin) / 60
    print(f"{len(found)} parsers, {done} inputs, seed {asked.seed}, {minutes:.1f} min: {kinds.total()} findings")
    return 1 if kinds else 0


def _keep(finding: Finding, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "-" for c in f"{finding.parser} {finding.error.partition(':')[0]}")
    stem = folder / f"{name}-{finding.number}"
    stem.with_suffix(".bin").write_bytes(finding.content)
    stem.with_suffix(".txt").write_text(f"{finding.error}\n{finding.trace}", encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
