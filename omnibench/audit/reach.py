"""What an audited model may reach: what the identity of its run names, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from omnibench.assets.finding import assets_folder
from omnibench.model_file import is_model_file
from omnibench.responder import MODELS, ModelOptions
from omnibench.runner.fence import INSTALLED, FenceSpec
from omnibench.runner.remote import model_entry
from omnibench.runner.request import files_of


def fence_for(
    model: str, options: ModelOptions, original: Path | None, copy: Path, forbidden: Sequence[Path]
) -> FenceSpec:
    """The fence of one pass: ``original``, the data's folder, shows ``copy`` instead.

    Args:
        model: a registered name, or ``path/to/file.py:Class``.
        options: checkpoint and settings; files that they name may be read.
        original: the data set's folder, where it has one.
        copy: what the audit plays.
        forbidden: further folders with data or answers.
    """
    of_file = model not in MODELS.names() and is_model_file(model)
    source = Path(model.rpartition(":")[0])
    named = [*_packages("omnibench" if of_file else MODELS.module(model)), *_packages("omnibench"), assets_folder()]
    named += _linked_packages()
    named += [*files_of(options.settings), *([] if options.checkpoint is None else [options.checkpoint])]
    named += model_entry(model).reads(options)
    root = [] if original is None else [original.resolve()]
    return FenceSpec(
        forbidden=tuple([*forbidden, *root]),
        named=tuple(path.resolve() for path in named),
        sources=(source.resolve().parent,) if of_file else (),
        replace=tuple((folder, copy) for folder in root),
    )


def _linked_packages() -> list[Path]:
    """Packages installed as links to where they are written (``pip install -e``), which no path of Python's tells."""
    names = {name for found in distributions() for name in (found.read_text("top_level.txt") or "").split()}
    folders = [folder for name in sorted(names) for folder in _packages(name)]
    return [folder for folder in folders if not INSTALLED & set(folder.parts)]


def _packages(module: str) -> list[Path]:
    """Where the top-level package or module of ``module`` lies."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):  # what is loaded already without a specification
        return []
    if spec is None:
        return []
    folders = spec.submodule_search_locations
    return [Path(folder) for folder in folders] if folders else [Path(spec.origin)] if spec.origin else []
