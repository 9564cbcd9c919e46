"""``omnibench models``: the models that can be run, what they read and answer with, and what is missing for them."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any, Final

import click

from omnibench.responder import MODELS
from omnibench.scoring.readiness import lacking

WIDTH: Final = 100
"""Columns of a line; a command that gets what is missing is never broken."""

INDENT: Final = " " * 6
HEADINGS: Final = {
    "online": "Online: they answer frame by frame",
    "offline": "Offline: they hear a turn as a whole, and their answer has no time of its own",
    "control": "Controls: what a number is worth without a model",
    "": "Cannot be loaded",
}


@click.command()
@click.option("--json", "json_file", help="Write the list there as JSON instead; - is stdout.")
def models(json_file: str | None) -> None:
    """List the models: what each is, what it reads and answers with, and the line that gets all it lacks here."""
    from omnibench.files.atomic import write_text

    rows = [_entry(name) for name in MODELS.names()]
    if json_file is not None:
        text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
        click.echo(text, nl=False) if json_file == "-" else write_text(Path(json_file), text)
        return
    for kind, heading in HEADINGS.items():
        own = [row for row in rows if row["kind"] == kind]
        if own:
            click.echo(f"{heading}\n")
        for row in own:
            click.echo("\n".join(_lines(row)) + "\n")
    click.echo("omnibench run --model NAME plays the embedded data to one and scores its answers.")


def _entry(name: str) -> dict[str, Any]:
    try:
        entry = MODELS.get(name)
        card = entry.card
        line = lacking(entry)
    except Exception as error:  # a stranger's package that cannot be imported leaves the others in the list
        return {"name": name, "kind": "", "state": "broken", "reason": f"{type(error).__name__}: {error}"}
    return {
        "name": name,
        "kind": card.kind,
        "summary": card.summary,
        "version": card.version,
        "group": card.group,
        "inputs": list(card.inputs),
        "outputs": list(card.outputs),
        "parameters": card.parameters,
        "licence": card.licence,
        "trained_on": list(card.trained_on),
        "transfers": card.transfers,
        "lookahead": card.lookahead,
        "weights": list(card.weights),
        "citation": card.citation,
        "state": "missing" if line else "ready",
        "how_to_get": line,
    }


def _lines(row: dict[str, Any]) -> list[str]:
    if row["state"] == "broken":
        return [f"  {row['name']}  broken ({row['reason']})"]
    facts = ", ".join(
        filter(None, (row["state"], _count(row["parameters"]), row["licence"] and f"licence {row['licence']}"))
    )
    about = f"reads {' '.join(row['inputs']) or 'nothing'}, answers with {' '.join(row['outputs'])}"
    wrapped = textwrap.wrap(row["summary"].rstrip("."), WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    get = [f"{INDENT}get it: {row['how_to_get']}"] if row["how_to_get"] else []
    return [f"  {row['name']}  {facts}", *wrapped, f"{INDENT}{about}", *get]


def _count(parameters: int) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if parameters >= size:
            return f"{parameters / size:.1f} {unit} parameters"
    return f"{parameters} parameters" if parameters else ""
