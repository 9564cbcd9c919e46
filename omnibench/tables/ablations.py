"""Table 3 in words: does taking a part out of OmniResponse change each metric the way the paper says?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from omnibench.errors import InputError
from omnibench.metrics.protocol import STAND_INS
from omnibench.scoring.comparison import CHANCE, Comparison, compare_runs
from omnibench.tables.paper import COLUMNS, TABLE_3

if TYPE_CHECKING:
    from omnibench.tables.paper_tables import Run

WHOLE: Final = "omniresponse"


def ablation_notes(runs: Sequence[Run]) -> list[str]:
    """One line for each ablation that was run on the same dialogues, and scored under the same protocol, as the whole
    model: metric by metric, whether it is worse or better without the part, and whether the paper says so too.

    Whether there is a difference is the verdict of `compare_runs` on these metrics together; p is the corrected one.
    Stand-ins of a metric are held against the paper's direction of that metric.
    """
    notes = []
    for row in TABLE_3.rows:
        if row.model == WHOLE:
            continue
        for run in (run for run in runs if run.model == row.model):
            whole = next((one for one in runs if one.model == WHOLE and _conditions(one) == _conditions(run)), None)
            if whole is not None:
                notes.append(_note(row.model, run, whole))
    return notes


def _conditions(run: Run) -> tuple[str, str, str]:
    return run.scores.data.manifest, run.scores.protocol, run.scores.condition


def _note(model: str, run: Run, whole: Run) -> str:
    columns = {metric: (metric, *STAND_INS.get(metric, ())) for metric in TABLE_3.metrics}
    places = {name: column for column, names in columns.items() for name in names}
    names = [name for name in places if name in run.scores.metrics and name in whole.scores.metrics]
    head = f"{model} against {WHOLE} on {run.scores.played}, {run.scores.protocol}"
    try:
        found = compare_runs(run.folder, whole.folder, metrics=names) if names else []
    except InputError as error:
        return f"{head}: not compared. {error}"
    words = [_direction(row, places[row.metric], model) for row in found]
    return f"{head}: {'; '.join(words) or 'no metric in common'}."


def _direction(row: Comparison, column: str, model: str) -> str:
    if row.a is None or row.b is None or row.p_holm is None:
        return f"{row.metric} has no value on one side"
    if row.p_holm > CHANCE:
        return f"{row.metric} {row.verdict} (p {row.p_holm:.2g})"
    sign = 1 if COLUMNS[column].direction == "higher" else -1
    better = (row.a - row.b) * sign > 0
    place = TABLE_3.metrics.index(column)
    reported = {r.model: r.values[place] for r in TABLE_3.rows}
    theirs, base = reported[model], reported[WHOLE]
    if theirs is None or base is None:
        return f"{row.metric} {'better' if better else 'worse'} (p {row.p_holm:.2g})"
    agreed = "as in the paper" if ((theirs - base) * sign > 0) == better else "unlike the paper"
    return f"{row.metric} {'better' if better else 'worse'}, {agreed} (p {row.p_holm:.2g})"
