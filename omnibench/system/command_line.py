"""A command line that ends in one clear message and the documented exit code; groups that import only what is run."""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from omnibench.errors import InputError, MissingError, OmnibenchError, closest
from omnibench.registry import Registry
from omnibench.system.process import Ended, OutputError, ended_by_signals, guarded_streams
from omnibench.system.refusals import machine_fault

INTERRUPTED: Final = 130
POSIX: Final = ("fcntl", "resource")
"""Modules of Python's own that Windows has not."""

KEPT: Final = "what was finished is kept, the same command goes on from there."


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run or asked for help, not before.

    Args:
        lazy: by name, where the command is, ``"module:attribute"``, and the line that the group's help shows.
        others: commands that other packages registered.
        summaries: their lines, by name, as far as they are known.
    """

    def __init__(
        self,
        *arguments: Any,
        lazy: Mapping[str, tuple[str, str]],
        others: Registry[click.Command] | None = None,
        summaries: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._lazy, self._others, self._summaries = lazy, others, summaries or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Its own in the order given, then those that other packages registered."""
        others = () if self._others is None else self._others.names()
        return [*self._lazy, *(name for name in others if name not in self._lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None for a name nobody has, which click reports."""
        if cmd_name in self._lazy:
            module, _, attribute = self._lazy[cmd_name][0].partition(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        if self._others is None or cmd_name not in self._others.names():
            return None
        return self._others.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does. Raises click.UsageError with the command that was meant, where one is near."""
        meant = closest(args[0], self.list_commands(ctx))
        if not args[0].startswith("-") and meant and meant != args[0]:
            raise click.UsageError(f'No such command "{args[0]}". Did you mean "{meant}"?', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from their one-line summaries: asking each module would import them all."""
        lines = {**self._summaries, **{name: summary for name, (_, summary) in self._lazy.items()}}
        with formatter.section("Commands"):
            formatter.write_dl([(name, lines.get(name, "")) for name in self.list_commands(ctx)])


def run_command(command: click.Command, name: str, arguments: list[str] | None = None) -> int:
    """Run a command line, the process's own by default, of a command that is run by ``name``.

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
    except Exception as error:
        message = machine_fault(error)
        if message is None:
            raise
        _say(message)
        return InputError.exit_code
    return result if isinstance(result, int) else 0


def _say(message: str) -> None:
    """Print a message; what would move the cursor, of a name say, is escaped."""
    visible = "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in message)
    print(f"omnibench: {visible}", file=sys.stderr)
