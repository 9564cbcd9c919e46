"""The entry-point object of a control: nothing to load, no settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnibench.responder import Control, ModelCard, ModelOptions, Responder


@dataclass(frozen=True, slots=True)
class ControlEntry:
    """A card and what makes the control from ``--set`` settings."""

    card: ModelCard
    factory: Callable[..., Responder | Control]

    def build(self, options: ModelOptions) -> Responder | Control:
        """The control. Raises TypeError for a setting that it does not have."""
        return self.factory(**options.settings)
