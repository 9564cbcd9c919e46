"""Building a model and opening dialogues on it, in whatever process it lives in."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from omnibench.errors import MissingError, ModelFailure, OmnibenchError, UsageError
from omnibench.responder import (
    Accounting,
    BatchResponder,
    Control,
    ModelEntry,
    ModelOptions,
    Oracle,
    Responder,
    Session,
)
from omnibench.runner.answers import model_error
from omnibench.system.memory import MORE_MEMORY, out_of_memory
from omnibench.types import DialogueContext

Model = Responder | BatchResponder | Control
T = TypeVar("T")


def build_model(entry: ModelEntry, name: str, options: ModelOptions, threads: int, measuring: bool = False) -> Model:
    """Build a model, in messages called ``name``, with torch, if it uses it, on ``threads`` threads; for ``measuring``
    speed or causality, random weights will do where there are no trained ones.

    Raises:
        UsageError: the model cannot be built from these settings.
        MissingError: there is not enough memory for it.
        OmnibenchError: whatever the model's own look-up says.
    """
    try:
        model: Model = entry.build_for_measuring(options) if measuring else entry.build(options)
    except (OmnibenchError, OSError):
        raise
    except Exception as error:
        if out_of_memory(error):
            raise MissingError(f"{name}: not enough memory to load it ({error}). {MORE_MEMORY}.") from error
        raise UsageError(
            f"{name}: could not be built ({type(error).__name__}: {error}). Check --set and --config."
        ) from error
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
    return model


def is_given_oracle(model: Model) -> bool:
    """Whether it is a control that answers only where it is given the human listener."""
    return isinstance(model, Control) and not isinstance(model, Responder | BatchResponder)


def open_sessions(model: Model, contexts: Sequence[DialogueContext], oracle: Oracle | None) -> Sequence[Session]:
    """Open dialogues; only a control gets the oracle. Raises ModelFailure where the model raised anything."""
    if oracle is not None and isinstance(model, Control) and model.card.kind == "control":
        return [guarded("open", lambda: model.open_with_oracle(context, oracle)) for context in contexts]  # noqa: B023
    if isinstance(model, BatchResponder) and (len(contexts) > 1 or not isinstance(model, Responder)):
        return guarded("open_batch", lambda: model.open_batch(contexts))
    if isinstance(model, Responder):
        return [guarded("open", lambda: model.open(context)) for context in contexts]  # noqa: B023
    raise ModelFailure(f"{type(model).__name__} has neither open nor open_batch; see omnibench.responder.")


def account_of(session: Session) -> dict[str, float]:
    """What a dialogue cost, where its session says so."""
    if not isinstance(session, Accounting):
        return {}
    account = {str(name): float(amount) for name, amount in session.account().items()}
    if not all(map(math.isfinite, account.values())):
        raise ValueError(f"an amount that is not finite: {account}")
    return account


def guarded(what: str, call: Callable[[], T]) -> T:
    """What ``call``, a model's own code, returns. Raises ModelFailure for whatever it raises."""
    try:
        return call()
    except (Exception, SystemExit) as error:
        raise model_error(what, error) from error
