"""The command line: finds a command, runs it, and turns errors into one clear message and the documented exit code.

A command lives in ``omnibench/commands/<name>.py`` or arrives through the entry-point group ``omnibench.commands``;
nothing is imported before it is asked for, so that ``omnibench --help`` stays instant.
"""

from __future__ import annotations

import sys
from typing import Final

import click

from omnibench.registry import Registry
from omnibench.system.command_line import LazyGroup, run_command
from omnibench.version import __version__

COMMANDS: Final[dict[str, str]] = {
    "run": "Play a data set to a model, keep its answers, score them.",
    "score": "Score a folder of predictions, whoever made it.",
    "table": "Print the paper's Table 2 or 3 with our rows beside it.",
    "compare": "Say whether two runs differ by more than chance: a paired test and its interval.",
    "audit": "Prove that a model cannot see the future, and that the metrics notice what they must.",
    "bench": "Measure a model's step time, real-time factor and memory.",
    "picture": "Draw one dialogue: frames of both people and their words on a timeline.",
    "report": "Make one page of a run: players side by side, dialogues sorted by any metric.",
    "data": "List, verify, describe and build data sets.",
    "models": "List the models.",
    "metrics": "List the metrics.",
    "assets": "List, fetch and verify the networks that metrics need.",
    "doctor": "Say what is installed, what is missing, and the line that gets it.",
}
EXTENSIONS: Registry[click.Command] = Registry("omnibench.commands", kind="command", listing="omnibench --help")
EXTENSION_HELP: Final = {
    "leaderboard": "Validate, re-score and publish what teams submit.",
    "submit": "Pack a run for the leaderboard, checked first.",
    "train": "Train a model of the suite on a data set.",
}


@click.group(
    cls=LazyGroup,
    lazy={name: (f"omnibench.commands.{name}:{name}", summary) for name, summary in COMMANDS.items()},
    others=EXTENSIONS,
    summaries=EXTENSION_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="omnibench")
def cli() -> None:
    """Benchmark online conversational listeners: a model watches and hears a speaker, frame by frame, and answers.

    Start with: omnibench run --model omniresponse

    Exit codes: 0 ok, 1 a bug of ours, 2 usage, 3 something missing, 4 bad input, 5 incomplete coverage, 6 a mismatch,
    130 interrupted, 143 and 129 ended by SIGTERM and SIGHUP.
    """


def main(arguments: list[str] | None = None) -> int:
    """Run one command line of ``omnibench``. Returns its exit code."""
    return run_command(cli, "omnibench", arguments)


def entry_point() -> None:
    """What the installed ``omnibench`` script calls."""
    sys.exit(main())
