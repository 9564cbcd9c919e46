"""The command: gathers predictions, data and checkpoint, prints the report and writes it beside the predictions."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from baselines.omniresponse.quality import PARTS
from omnibench.system.command_line import run_command


def _parts(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        raise click.BadParameter(f'"{value}": expected some of {",".join(PARTS)}.')
    return names


@click.command()
@click.option(
    "--runs", type=click.Path(path_type=Path), help="Predictions; runs/omniresponse/<data>-<split> by default."
)
@click.option("--data", default="mini", show_default=True)
@click.option("--split", default="val", show_default=True)
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="Weights instead of those that come with the model."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of quality.json and quality.md; the predictions'.")
@click.option(
    "--parts",
    default=",".join(PARTS),
    show_default=True,
    callback=_parts,
    help="What to measure; ranking depends on the checkpoint alone.",
)
def quality(
    runs: Path | None, data: str, split: str, checkpoint: Path | None, out: Path | None, parts: tuple[str, ...]
) -> None:
    """State how OmniResponse's answers behave, sound and fit, beside the human listener's."""
    from baselines.omniresponse import WEIGHTS
    from baselines.omniresponse.network.checkpoint import load_checkpoint
    from baselines.omniresponse.quality.document import to_json, to_markdown
    from baselines.omniresponse.quality.gather import gather
    from omnibench.datasets.opening import open_dataset
    from omnibench.files.atomic import write_text
    from omnibench.metrics.protocol import load_protocol
    from omnibench.predictions.folder import Predictions

    dataset = open_dataset(data)
    try:
        folder = runs or Path("runs") / "omniresponse" / f"{dataset.name}-{split}"
        answers = Predictions(folder)
        figures = gather(
            answers, dataset, split, load_checkpoint(checkpoint or WEIGHTS, {}), load_protocol("strict").metrics, parts
        )
        about = {
            "model": answers.model() or "omniresponse",
            "data": f"{dataset.version} {split}",
            "dialogues": len(dataset.ids(split)),
            "answers": sum(answers.status(name)[0] == "ok" for name in dataset.ids(split)),
        }
    finally:
        dataset.close()
    target = out or folder
    write_text(target / "quality.json", to_json(about, figures))
    write_text(target / "quality.md", to_markdown(about, figures))
    click.echo(to_markdown(about, figures), nl=False)


if __name__ == "__main__":
    sys.exit(run_command(quality, "python -m baselines.omniresponse.quality"))
