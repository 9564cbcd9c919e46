"""The command line: finds a command, runs it, and turns errors into one clear message and the documented exit code.

A command lives in ``omnibench/commands/<name>.py`` or arrives through the entry-point group ``omnibench.commands``;
nothing is imported before it is asked for, so that ``omnibench --help`` stays instant.
"""

from __future__ import annotations

import errno
import importlib
import sys
from typing import Final

import click

from omnibench import __version__
from omnibench.errors import InputError, MissingError, OmnibenchError, closest
from omnibench.registry import Registry
from omnibench.system.process import Ended, OutputError, ended_by_signals, guarded_streams

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
INTERRUPTED: Final = 130
POSIX: Final = ("fcntl", "resource")
"""Modules of Python's own that Windows has not."""

KEPT: Final = "what was finished is kept, the same command goes on from there."


class LazyCommands(click.Group):
    """A group whose commands are imported when they are run or asked for help, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Ours in the order of a working day, then those that other packages registered."""
        return [*COMMANDS, *(name for name in EXTENSIONS.names() if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None for a name nobody has, which click reports."""
        if cmd_name in COMMANDS:
            module = importlib.import_module(f"omnibench.commands.{cmd_name}")
            command: click.Command = getattr(module, cmd_name)
            return command
        return EXTENSIONS.get(cmd_name) if cmd_name in EXTENSIONS.names() else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does. Raises click.UsageError with the command that was meant, where one is near."""
        meant = closest(args[0], self.list_commands(ctx))
        if not args[0].startswith("-") and meant and meant != args[0]:
            raise click.UsageError(f'No such command "{args[0]}". Did you mean "{meant}"?', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the one-line summaries above: asking each module would import them all."""
        rows = [(name, COMMANDS.get(name) or EXTENSION_HELP.get(name, "")) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="omnibench")
def cli() -> None:
    """Benchmark online conversational listeners: a model watches and hears a speaker, frame by frame, and answers.

    Start with: omnibench run --model omniresponse

    Exit codes: 0 ok, 1 a bug of ours, 2 usage, 3 something missing, 4 bad input, 5 incomplete coverage, 6 a mismatch,
    130 interrupted, 143 and 129 ended by SIGTERM and SIGHUP.
    """


def main(arguments: list[str] | None = None, command: click.Command = cli, name: str = "omnibench") -> int:
    """Run one command line, of ``omnibench`` or of a module with a ``command`` of its own, run by ``name``.

    Returns the exit code of the design: 0, 2 usage, 3 missing, 4 input, 5 coverage, 6 mismatch, 130 interrupted, 143
    and 129 ended by SIGTERM and SIGHUP.
    """
    with guarded_streams():
        try:
            with ended_by_signals():
                code = _run(arguments, command, name)
            sys.stdout.flush()
        except Ended as end:
            _say(f"ended by {end.signal.name}; {KEPT}")
            return 128 + end.signal
        except OutputError as error:
            if error.errno != errno.EPIPE:  # the reader of a pipe (`| head`) leaves when it has seen enough
                _say(f"could not write to standard output: {error.strerror}.")
            return 0 if error.errno == errno.EPIPE else InputError.exit_code
        return code


def _run(arguments: list[str] | None, command: click.Command, name: str) -> int:
    try:
        result = command.main(args=arguments, prog_name=name, standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say(f"interrupted; {KEPT}")
        return INTERRUPTED
    except OmnibenchError as error:
        _say(str(error))
        return error.exit_code
    except ModuleNotFoundError as error:
        if error.name not in POSIX:
            raise
        _say(f"this needs Linux or macOS (Python's {error.name}, for locks and limits). On Windows, run it in WSL 2.")
        return MissingError.exit_code
    except OSError as error:
        message = _environment_fault(error)
        if message is None:
            raise
        _say(message)
        return InputError.exit_code
    return result if isinstance(result, int) else 0


def _say(message: str) -> None:
    print(f"omnibench: {message}", file=sys.stderr)


def _environment_fault(error: OSError) -> str | None:
    """A sentence for what the system refuses to do with a file or a folder; None for anything else."""
    where = error.filename or "the output folder"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"{where}: the disk is full. Free some space and run the same command again: it goes on where it stopped."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where}: not writable ({error.strerror}). Choose another place, or change its permissions."
    if error.filename is None or error.errno is None:
        return None
    return f"{where}: {error.strerror}. Name another file or folder, or make its folder first."


def entry_point() -> None:
    """What the installed ``omnibench`` script calls."""
    sys.exit(main())
