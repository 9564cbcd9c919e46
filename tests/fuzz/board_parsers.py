"""The parsers of what is sent to the leaderboard, and of its own files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from entry_factory import entry_document, write_entry_folder
from parser import Parser
from submission_factory import STATEMENT

from leaderboard.archive.formats import documents, mp4, npy, timing, wav
from leaderboard.archive.listing import list_job
from leaderboard.entry.entries import FINGERPRINTS, Stored, check_entry, read_awards, read_entry
from leaderboard.entry.limits import DEFAULT_LIMITS
from leaderboard.entry.plain_text import plain, text_fault
from leaderboard.entry.strict_json import markup_fault, parse_json
from leaderboard.judging.cautions import duplicate_flags
from leaderboard.judging.fingerprints import fingerprint
from leaderboard.site.bibtex import made_up
from omnibench.predictions.folder import Predictions
from omnibench.predictions.soundness import Length


def board_parsers(root: Path, data: Path) -> Iterator[Parser]:
    run, limits, fps = root / "answers", DEFAULT_LIMITS, Fraction(25)
    length = Length(50, fps)
    place = root / "board"
    place.mkdir()

    def kept(source: Path, name: str = "") -> Path:
        copy = place / (name or source.name)
        copy.write_bytes(source.read_bytes())
        return copy

    scored = root / "runs" / "parrot"
    yield Parser(
        "sent text", "json", kept(run / "text/a.json"), lambda p: documents.transcript_faults(p, length, limits)
    )
    yield Parser("sent run.json", "json", kept(scored / "run.json"), lambda p: documents.run_faults(p, limits))
    yield Parser("sent journal", "jsonl", kept(scored / "journal.jsonl"), lambda p: documents.journal_faults(p, limits))
    sent = kept(scored / "scores.strict.json")
    yield Parser("sent scores", "json", sent, lambda p: documents.scores_faults(p, limits))
    yield Parser("sent samples", "jsonl", kept(scored / "samples.jsonl"), lambda p: documents.samples_faults(p, limits))
    yield Parser("sent vector", "npy", kept(run / "vector/a.npy"), lambda p: npy.vector_faults(p, 50))
    yield Parser("sent timing", "npz", kept(run / "timing/a.npz"), lambda p: timing.timing_faults(p, 50, limits))
    yield Parser("sent wav", "bytes", kept(run / "audio/a.wav"), lambda p: wav.wav_faults(p, 50, fps, limits))
    yield Parser(
        "sent mp4", "bytes", kept(run / "video/a.mp4"), lambda p: mp4.mp4_faults(p, 50, fps, limits), weight=0.5
    )

    archive = place / "archive.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in ("text/a.json", "timing/a.npz", "run.json"):
            zipped.writestr(name, (run / name).read_bytes())
        zipped.writestr("metadata.json", json.dumps(entry_document()["model"]))
        zipped.writestr("SHA256SUMS", "".join(f"{'ab' * 32}  {name}\n" for name in ("run.json", "text/a.json")))

    def listed(path: Path) -> None:
        list_job({"archive": str(path), "limits": limits.to_json()}, lambda **_: None)

    yield Parser("archive", "bytes", archive, listed)
    yield Parser("archive's members", "npz", kept(archive, "b.zip"), listed)

    folder = write_entry_folder(place / "submissions", entry_document())
    yield Parser("entry.json", "json", folder / "entry.json", lambda _: check_entry(folder))
    sample = Predictions(run).sample("a")
    kept_prints = {"a": fingerprint(sample.text, sample.audio, sample.face)}
    prints = {"schema_version": 1, "manifest": "ab" * 32, "dialogues": kept_prints}
    (folder / FINGERPRINTS).write_text(json.dumps(prints))
    stored = Stored(folder, read_entry(folder))
    yield Parser("fingerprints", "json", folder / FINGERPRINTS, lambda _: duplicate_flags("x", prints, [stored]))
    awards = place / "awards.json"
    award = {"badge": "re-scored", "entry_sha256": "ab" * 32, "by": "x", "date": "2026-11-22"}
    awards.write_text(json.dumps({"schema_version": 1, "awards": {"2026-11-22_chorus": award}}))
    yield Parser("awards.json", "json", awards, lambda _: read_awards(place))

    def strings(path: Path) -> None:
        text = path.read_bytes().decode("utf-8", "replace")
        text_fault(text, breaks=True)
        plain(text)
        made_up(text, text, text, text, text)

    bibtex = place / "a.bib"
    bibtex.write_text("@misc{face-lab,\n  title = {Mirror},\n  author = {{Face Lab}}\n}\n")
    yield Parser("bibtex and prose", "text", bibtex, strings)
    yield Parser(
        "a stranger's JSON", "json", kept(sent, "strict.json"), lambda p: markup_fault(parse_json(p.read_bytes()))
    )
    yield from _statements(place, run, data)


def _statements(place: Path, run: Path, data: Path) -> Iterator[Parser]:
    from dataclasses import replace

    from leaderboard.archive.submitting import metadata_of

    card = {"name": "chorus", "version": "1", "kind": "online", "outputs": ["words"], "parameters": 3}
    attestation = {"trained_on": ["x"], "test_split_used": False, "signed_by": "A. Person", "date": "2026-11-22"}
    for name, content in (("card", card), ("attestation", attestation)):
        path = place / f"{name}.json"
        path.write_text(json.dumps(content))

        def read(file: Path, name: str = name) -> None:
            metadata_of(replace(STATEMENT, **{name: file}), {"model": card}, {"name": "x"})

        yield Parser(f"--{name}", "json", path, read)
