"""The entry-point object of a control: nothing to load, no settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnibench.responder import Control, ModelCard, ModelEntry, ModelOptions, Responder


@dataclass(frozen=True, slots=True)
class ControlEntry(ModelEntry):
    """A card and what makes the control from ``--set`` settings."""

    card: ModelCard
    _factory: Callable[..., Responder | Control]

    def build(self, options: ModelOptions) -> Responder | Control:
        """The control. Raises TypeError for a setting that it does not have."""
        return self._factory(**options.settings)
