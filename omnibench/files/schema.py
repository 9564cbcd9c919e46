"""The JSON schemas of a folder of answers and of what situations ask, made from the classes that read and write it.

    python -m omnibench.files.schema

writes them into ``docs/schema``, one file each; with a folder behind it, into that.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from omnibench.files.alternative_records import Alternatives
from omnibench.files.atomic import write_text
from omnibench.files.event_records import EventRecord
from omnibench.files.records import JournalLine, Record, RunRecord
from omnibench.files.score_records import Sample, Scores
from omnibench.files.text_records import TextRecord

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: Final[Mapping[str, tuple[type[Record], str]]] = {
    "run": (RunRecord, "run.json"),
    "journal": (JournalLine, "a line of journal.jsonl"),
    "scores": (Scores, "scores.json and scores.<protocol>.json"),
    "samples": (Sample, "a line of samples.jsonl"),
    "text": (TextRecord, "text/<id>.json"),
    "alternatives": (Alternatives, "<split>/alternatives/<id>.json of a data set"),
    "event": (EventRecord, "<split>/events/<id>.json of a data set"),
}
"""By file name: the class, and which file it is."""


def documents() -> dict[str, str]:
    """The content of each schema file, by its name."""
    found = {}
    for name, (record, title) in SCHEMAS.items():
        schema = {"$schema": DIALECT, **record.model_json_schema(), "title": title}
        found[f"{name}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return found


def main(folder: Path) -> None:
    """Write all of them into a folder."""
    for name, content in documents().items():
        write_text(folder / name, content)
        print(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schema"))
