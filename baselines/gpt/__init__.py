"""GPT-4o, GPT-4, o1, or any model behind an OpenAI-compatible endpoint: text in, text out, offline by declaration.

The speaker's turns go in whole, the listener's turns come out as text without a time of their own; face and voice are
the paper's dash.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.errors import MissingError
from omnibench.responder import ModelCard, ModelEntry, ModelOptions
from omnibench.system.environment import missing_modules

if TYPE_CHECKING:
    from baselines.gpt.responder import GptResponder
    from baselines.gpt.settings import Settings

PACKAGES: Final = ("httpx2", "tenacity")
INSTALL: Final = 'pip install "omnibench[gpt]"'
GROUP: Final = "Offline Text Dialogue Generation System"


def _card(name: str, summary: str, licence: str) -> ModelCard:
    return ModelCard(
        name=name,
        version="1",
        kind="offline",
        outputs=("words",),
        summary=summary,
        inputs=("words",),
        licence=licence,
        citation="Achiam et al., GPT-4 Technical Report, arXiv:2303.08774, 2023",
        group=GROUP,
    )


def card_name(model: str) -> str:
    """What a model is called in tables: an endpoint's name for it without what no folder can be called.

    Example:
        >>> card_name("hf.co/org/Model-8B:Q4_K_M")
        'hf.co-org-Model-8B-Q4_K_M'
    """
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", model)[-100:].strip("._+-") or "gpt"


@dataclass(frozen=True, slots=True)
class GptEntry(ModelEntry):
    """One model name at an endpoint. Light: httpx2 is imported when the model is built.

    ``_model`` is what the endpoint calls it, ``""`` where ``--set model=NAME`` has to say; ``_prices`` are US dollars
    per million tokens read and written, None where nobody stated them.
    """

    card: ModelCard
    _model: str = ""
    _prices: tuple[float, float] | None = None
    _reasoning: bool = False

    runtime_settings = frozenset(
        {"budget", "price_input", "price_output", "requests_per_minute", "timeout", "attempts", "backoff", "cache",
         "key_env"}
    )  # fmt: skip
    takes_base_url = True

    def _settings(self, options: ModelOptions) -> Settings:
        """The settings of a run, checked. Raises UsageError for one that is unknown or does not fit."""
        from baselines.gpt.settings import read_settings

        return read_settings(self._model, self._prices, self._reasoning, options.settings)

    def fingerprint(self, options: ModelOptions) -> Mapping[str, str]:
        """What beside the settings defines the answers: the prompt files' hash."""
        from baselines.gpt.prompts import prompts_hash

        self._settings(options)
        return {"prompts": prompts_hash()}

    def reads(self, options: ModelOptions) -> list[Path]:
        """Where the endpoint's answers are kept, each under the hash of its whole request."""
        return [self._settings(options).folder]

    def missing(self, options: ModelOptions) -> str:
        """The line that gets all that this model lacks here, packages, key and name, or ``""``."""
        lines = [INSTALL] if missing_modules(PACKAGES) else []
        if not self._model and not options.settings.get("model"):
            lines.append(f"omnibench run --model {self.card.name} --set model=NAME --base-url URL")
        else:
            settings = self._settings(options)
            if not settings.key_optional and not os.environ.get(settings.key_env):
                lines.append(f"export {settings.key_env}=…")
        return " && ".join(lines)

    def build(self, options: ModelOptions) -> GptResponder:
        """The model at its endpoint.

        Raises:
            MissingError: a package or the API key is not there.
            UsageError: a setting that does not fit.
        """
        lacking = self.missing(options)
        if lacking:
            raise MissingError(f"{self.card.name} cannot be asked yet. Run: {lacking}")
        from baselines.gpt.responder import GptResponder

        settings = self._settings(options)
        name = self.card.name if self._model else card_name(settings.model)
        return GptResponder(replace(self.card, name=name), settings)


_PROPRIETARY: Final = "proprietary (terms of the endpoint)"
# US dollars per million tokens in and out, OpenAI's list prices for the API; --set price_input, price_output override.
gpt_4o = GptEntry(_card("gpt-4o", "GPT-4o, asked for the listener's next turn", _PROPRIETARY), "gpt-4o", (2.5, 10.0))
gpt_4 = GptEntry(_card("gpt-4", "GPT-4, asked for the listener's next turn", _PROPRIETARY), "gpt-4", (30.0, 60.0))
o1 = GptEntry(_card("o1", "o1, asked for the listener's next turn", _PROPRIETARY), "o1", (15.0, 60.0), _reasoning=True)
gpt = GptEntry(_card("gpt", "any model of an OpenAI-compatible endpoint, by --set model=NAME", "the endpoint's"))
