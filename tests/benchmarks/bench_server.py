"""Prints the load table of a leaderboard with many entries: a real server on this machine, real clients on loopback.

    python tests/benchmarks/bench_server.py [--entries 500] [--clients 50] [--seconds 60] > load.md

Entries are made up from the controls' (`many_entries`). Measured are: building the static site; the server's first
start and its next one; the longest that a page, asked for every 5 ms, took while one entry was published; and so many
clients that ask for pages at once. Exits 1 where a bound is missed. Ends by itself, whatever the server does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from many_entries import made_up_entries, write_entries

from leaderboard.server.publishing import publish

BUILD, WARM, PUBLISH, P99 = 20.0, 5.0, 0.1, 1.0
PATIENCE = 30.0
SETTLING = 30.0
LONGEST = 900.0


@dataclass(frozen=True)
class Target:
    """Where the server listens."""

    host: str
    port: int


def main() -> int:
    """Print the table; 0 where every bound is kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gzip", action=argparse.BooleanOptionalAction, default=True, help="As browsers ask.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), chosen)


def _measure(folder: Path, chosen: argparse.Namespace) -> int:
    home, missed = folder / "home", 0
    (home / "leaderboard").mkdir(parents=True)
    home.chmod(0o700)
    write_entries(home / "leaderboard", chosen.entries)
    print(f"{chosen.entries} entries, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| what | measured | bound |\n|---|---|---|")

    def row(what: str, seconds: float, bound: float | None) -> None:
        nonlocal missed
        missed += bound is not None and seconds > bound
        print(f"| {what} | {1000 * seconds:.0f} ms | {'' if bound is None else f'{1000 * bound:.0f} ms'} |", flush=True)

    begun = time.perf_counter()
    words = ["leaderboard", "build", "--entries", str(home / "leaderboard"), "--out", str(folder / "site")]
    subprocess.run([sys.executable, "-m", "omnibench", *words], check=True, capture_output=True, timeout=600)
    row("`leaderboard build`", time.perf_counter() - begun, BUILD)
    for what, bound in (("first start", None), ("next start", WARM)):
        begun = time.perf_counter()
        with _server(home, folder / "log") as target:
            asyncio.run(_answers(target))
            row(f"{what}, until the index is answered", time.perf_counter() - begun, bound)
            if what == "next start":
                found = asyncio.run(_publishing(target, home, chosen))
                row("longest answer in 2 s before an entry is published", max(found.before), None)
                row("longest answer while it is published", max(found.took), PUBLISH)
                row(f"and in the {SETTLING:.0f} s in which other pages are drawn anew", max(found.after), PUBLISH)
                row("until the new entry was shown", found.shown, None)
                load = asyncio.run(_load(target, chosen))
                took = sorted(load.took)
                row(f"{chosen.clients} clients, {chosen.seconds:.0f} s: p50", took[len(took) // 2], None)
                row("p99", took[int(0.99 * len(took))], P99)
                row("longest", took[-1], None)
                print(f"| requests a second | {len(took) / chosen.seconds:.0f} | |")
                print(f"| megabytes a second | {load.bytes / chosen.seconds / 1e6:.1f} | |")
                print(f"| errors | {len(load.errors)} {load.errors[:3] or ''} | 0 |")
                missed += len(load.errors)
    print(f"\n{missed} bounds missed." if missed else "\nEvery bound is kept.")
    return 1 if missed else 0


@contextlib.contextmanager
def _server(home: Path, log: Path) -> Iterator[Target]:
    """A server of its own, killed where it does not end."""
    words = ["leaderboard", "serve", "--home", str(home), "--port", "0", "--workers", "0"]
    with log.open("a") as errors:
        line = [sys.executable, "-m", "omnibench", *words]
        known = {**os.environ, "OMNIBENCH_ALLOW_ROOT": "1"}
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=errors, text=True, env=known)
    # Nothing here waits for ever, whatever the server does.
    watch = threading.Timer(LONGEST, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().strip())
        if address.port is None:
            raise RuntimeError(log.read_text())
        yield Target(str(address.hostname), address.port)
    finally:
        watch.cancel()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _get(target: Target, path: str, gzip: bool = True) -> tuple[int, int]:
    """One request on a connection of its own: the status, and the bytes of the answer."""
    reader, writer = await asyncio.open_connection(target.host, target.port)
    try:
        packed = "Accept-Encoding: gzip\r\n" if gzip else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n{packed}Connection: close\r\n\r\n".encode())
        await writer.drain()
        answer = await reader.read()
        return int(answer.split(b" ", 2)[1]), len(answer)
    finally:
        writer.close()


async def _answers(target: Target) -> None:
    async with asyncio.timeout(PATIENCE):
        status, _ = await _get(target, "/")
    if status != 200:
        raise RuntimeError(f"the index is answered with {status}")


@dataclass
class _Published:
    before: list[float]
    took: list[float]
    after: list[float]
    shown: float


async def _publishing(target: Target, home: Path, chosen: argparse.Namespace) -> _Published:
    """A page every 5 ms while another process publishes an entry and while its page is drawn."""
    (home / "warm" / "submissions").mkdir(parents=True)
    ((entry, samples),) = made_up_entries(1, first=chosen.entries)
    loop = asyncio.get_running_loop()
    pages = [f"/entries/{name}.html" for name, _ in _names(home)]
    took: list[tuple[float, float]] = []
    asked: set[asyncio.Task[None]] = set()
    stop = asyncio.Event()

    async def ask(path: str) -> None:
        begun = loop.time()
        await _get(target, path, chosen.gzip)
        took.append((begun, loop.time() - begun))

    async def probe() -> None:
        chance = random.Random(0)
        while not stop.is_set():
            task = asyncio.create_task(ask(chance.choice(["/", "/healthz", *pages[:20]])))
            asked.add(task)
            task.add_done_callback(asked.discard)
            await asyncio.sleep(0.005)

    # Published by another process, as by a worker: a thread of this one would delay the probes by itself.
    worker = ProcessPoolExecutor(1, get_context("spawn"))
    await loop.run_in_executor(worker, publish, home / "warm", entry, samples, {}, "A maintainer")
    # The probes are to wait for the server alone.
    gc.collect()
    gc.freeze()
    probing = asyncio.create_task(probe())
    await asyncio.sleep(2)
    begun = loop.time()
    await loop.run_in_executor(worker, publish, home / "leaderboard", entry, samples, {}, "A maintainer")
    written = loop.time()
    shown = written
    while loop.time() < written + SETTLING:
        if (await _get(target, f"/entries/{entry.id}.html"))[0] == 200:
            shown = loop.time()
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(max(0.0, written + SETTLING - loop.time()))
    stop.set()
    await probing
    await asyncio.gather(*asked)
    worker.shutdown()
    before = [seconds for at, seconds in took if at < begun]
    during = [seconds for at, seconds in took if begun <= at <= shown + 0.5]
    return _Published(before, during, [seconds for at, seconds in took if at > begun], shown - begun)


def _names(home: Path) -> list[tuple[str, Path]]:
    return [(path.name, path) for path in sorted((home / "leaderboard" / "submissions").iterdir()) if path.is_dir()]


@dataclass
class _Load:
    took: list[float]
    errors: list[str]
    bytes: int = 0


async def _load(target: Target, chosen: argparse.Namespace) -> _Load:
    """So many clients, each asking for the next page when it has the last: the index one time in five."""
    load, loop = _Load([], []), asyncio.get_running_loop()
    names = [f"/entries/{entry.id}.html" for entry, _ in made_up_entries(min(chosen.entries, 50))]
    until = loop.time() + chosen.seconds

    async def client(number: int) -> None:
        chance = random.Random(number)
        while loop.time() < until:
            path = "/" if chance.random() < 0.2 else chance.choice(names)
            begun = loop.time()
            try:
                async with asyncio.timeout(PATIENCE):
                    status, size = await _get(target, path, chosen.gzip)
            except (OSError, TimeoutError, ValueError, IndexError) as error:
                load.errors.append(repr(error))
                continue
            load.took.append(loop.time() - begun)
            load.bytes += size
            if status != 200:
                load.errors.append(f"{path}: {status}")

    await asyncio.gather(*(client(number) for number in range(chosen.clients)))
    return load


if __name__ == "__main__":
    sys.exit(main())
