"""The plots of the paper's Figure 4 for any data set: durations, topics, frequent words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from omnibench.datasets.stats import PAPER_SECONDS, SplitStatistics, durations, frequent_words, topics
from omnibench.files.atomic import atomic_path
from omnibench.system.drawing import new_figure

_INK, _BAR, _ACCENT = "#22303c", "#4c78a8", "#d1495b"
_DPI: Final = 144
_WORDS: Final = 30


def write_plots(folder: Path, name: str, splits: list[SplitStatistics]) -> list[Path]:
    """Write ``durations.png``, ``topics.png`` and ``words.png``, each only if there is something to show.

    Returns:
        The files written. The same statistics give the same bytes with the same matplotlib.
    """
    written = []
    seconds = [second for split in splits for second in split.seconds]
    if seconds:
        figure = new_figure(figsize=(7, 3.6), layout="constrained")
        _durations(figure.subplots(), name, splits)
        written.append(_save(figure, folder / "durations.png"))
    for file, title, counts in (
        ("topics.png", "dialogues by topic", topics(splits)),
        ("words.png", "most frequent words", frequent_words(splits, _WORDS)),
    ):
        if counts:
            figure = new_figure(figsize=(7, 1.2 + 0.22 * len(counts)), layout="constrained")
            _bars(figure.subplots(), f"{name}: {title}", counts)
            written.append(_save(figure, folder / file))
    return written


def _durations(axes: Any, name: str, splits: list[SplitStatistics]) -> None:
    shown = [split for split in splits if split.seconds]
    axes.hist([split.seconds for split in shown], bins=30, stacked=True, label=[split.name for split in shown])
    mean = durations([second for split in shown for second in split.seconds])["mean"]
    axes.axvline(
        mean, color=_ACCENT, linewidth=1.5, label=f"mean {mean:.2f} s (paper's ResponseNet {PAPER_SECONDS['mean']} s)"
    )
    axes.set(title=f"{name}: clip durations", xlabel="seconds", ylabel="dialogues")
    _plain(axes)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)


def _bars(axes: Any, title: str, counts: list[tuple[str, int]]) -> None:
    names, values = [name.replace("_", " ") for name, _ in counts], [n for _, n in counts]
    bars = axes.barh(names, values, color=_BAR)
    axes.bar_label(bars, padding=3, color=_INK, fontsize=8)
    axes.invert_yaxis()
    axes.set(title=title)
    axes.margins(y=0.01)
    _plain(axes)


def _plain(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.title.set_color(_INK)


def _save(figure: Any, path: Path) -> Path:
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=_DPI, metadata={"Software": None})
    return path
