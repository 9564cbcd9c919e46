"""Commands that take a model: who names it in the way of another command is told the right way."""

from __future__ import annotations

import click


class ModelOption(click.Command):
    """A command with ``--model NAME``, which ``omnibench run NAME`` forgets."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does. Raises click.UsageError with the line that was meant."""
        given, rest, _ = self.make_parser(ctx).parse_args(args=list(args))
        if rest and not given.get("model"):
            options = [word for word in args if word not in rest]
            line = " ".join([ctx.command_path, "--model", *rest[:1], *options])
            raise click.UsageError(f"The model is named with --model: did you mean `{line}`?", ctx)
        needed = any(parameter.name == "model" and parameter.required for parameter in self.params)
        if needed and not given.get("model") and not {"-h", "--help"} & set(args):
            raise click.UsageError(
                "Missing option '--model': a name of `omnibench models`, or path/to/file.py:Class.", ctx
            )
        return super().parse_args(ctx, args)


class ModelArgument(click.Command):
    """A command with an argument MODEL, which ``omnibench bench --model NAME`` makes an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does. Raises click.UsageError with the line that was meant."""
        words = [part for word in args for part in (word.split("=", 1) if word.startswith("--model=") else [word])]
        if "--model" in words:
            words.remove("--model")
            line = " ".join([ctx.command_path, *words])
            raise click.UsageError(f"The model is named without --model: did you mean `{line}`?", ctx)
        return super().parse_args(ctx, args)
