"""What can be set about an endpoint with ``--set``, checked before anything is sent or written down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import Field

from baselines.gpt.turns import PAUSE_SECONDS
from baselines.shared.configuration import Section, override
from omnibench.errors import UsageError
from omnibench.system.loopback import is_loopback
from omnibench.system.places import cache_folder

OPENAI: Final = "https://api.openai.com/v1"
REASONING_TOKENS: Final = 4096
"""A reasoning model's limit covers the tokens that it thinks with and nobody sees."""

REASONING_SECONDS: Final = 300.0
"""And its answer comes when it has thought."""


class Settings(Section):
    """How the endpoint is asked.

    ``model`` to ``pause`` define the answers; the others are how the line is used. ``price_*`` are US dollars per
    million tokens, ``budget`` is what this configuration may spend on this machine in US dollars, over all its runs.
    ``timeout`` is seconds for one whole answer, ``backoff`` seconds before the second attempt (doubled each time).
    """

    model: str
    base_url: str = OPENAI
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=128, ge=1, le=100_000)
    reasoning: bool = False
    pause: float = Field(default=PAUSE_SECONDS, ge=0.1, le=60)
    price_input: float | None = Field(default=None, ge=0, le=1e6)
    price_output: float | None = Field(default=None, ge=0, le=1e6)
    budget: float = Field(default=10.0, ge=0, le=1e6)
    requests_per_minute: float = Field(default=60.0, ge=0.01, le=1e5)
    timeout: float = Field(default=60.0, ge=0.1, le=3600)
    attempts: int = Field(default=6, ge=1, le=20)
    backoff: float = Field(default=1.0, ge=0, le=60)
    cache: str = ""
    key_env: str = "OPENAI_API_KEY"

    @property
    def key_optional(self) -> bool:
        """Whether the endpoint may be one that asks for no key: any but OpenAI's own."""
        return self.base_url != OPENAI

    @property
    def on_this_machine(self) -> bool:
        """Whether the endpoint is on the loopback interface."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def folder(self) -> Path:
        """Where answers and the ledger are kept: ``--set cache=DIR``, else below ``$OMNIBENCH_CACHE``."""
        if self.cache:
            return Path(self.cache)
        return cache_folder("gpt")

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """US dollars for so many tokens read and written; 0 without prices, which only a server on this machine may
        lack.
        """
        if self.price_input is None or self.price_output is None:
            return 0.0
        return (prompt_tokens * self.price_input + completion_tokens * self.price_output) / 1e6


def read_settings(
    model: str, prices: tuple[float, float] | None, reasoning: bool, given: Mapping[str, Any]
) -> Settings:
    """The settings of one run.

    Args:
        model: the entry's model name, ``""`` for one that ``given`` has to name.
        prices: the entry's, None where it has none.
        reasoning: whether the model thinks before it answers (no temperature, a limit that covers its thoughts).
        given: from ``--config`` and ``--set``.

    Raises:
        UsageError: an unknown setting, a value of another type or out of range, no model or no prices.
    """
    if any("key" in name.lower() and name != "key_env" for name in given):
        raise UsageError(
            "An API key is read from the environment alone (export OPENAI_API_KEY=…, or the variable that "
            "--set key_env=NAME names): settings are written into run.json."
        )
    own: dict[str, Any] = {"reasoning": reasoning}
    if reasoning or given.get("reasoning") is True:
        own |= {"max_tokens": REASONING_TOKENS, "timeout": REASONING_SECONDS}
    if prices is not None:
        own |= {"price_input": prices[0], "price_output": prices[1]}
    settings = override(Settings(model=model), own | dict(given), "this endpoint", refusal=UsageError)
    _check_model(settings, model)
    _check_address(settings)
    _check_prices(settings)
    return settings


def _check_model(settings: Settings, own: str) -> None:
    if not settings.model:
        raise UsageError("Which model of the endpoint? Add --set model=NAME.")
    # A dated snapshot is the same system; another model is another row of the table.
    if own and settings.model != own and not settings.model.startswith(f"{own}-20"):
        raise UsageError(f"--set model={settings.model}: that is not {own}. Use --model gpt --set model=NAME for it.")


def _check_address(settings: Settings) -> None:
    address = urlsplit(settings.base_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise UsageError("--base-url: expected an address like http://127.0.0.1:8000/v1.")
    if address.username or address.password or address.query or address.fragment:
        raise UsageError("--base-url: an address with a user name, a password or a query; addresses are written into "
                         "run.json. Put the key into the environment.")  # fmt: skip
    if address.scheme == "http" and not is_loopback(address.hostname):
        raise UsageError("--base-url: http sends the dialogue and the key in clear; expected https, or a server "
                         "on this machine.")  # fmt: skip


def _check_prices(settings: Settings) -> None:
    if not settings.on_this_machine and None in (settings.price_input, settings.price_output):
        raise UsageError(
            f"What does {settings.model} cost? The spending cap needs its prices in US dollars per million tokens: "
            "--set price_input=… --set price_output=… (0 for an endpoint that costs nothing)."
        )
