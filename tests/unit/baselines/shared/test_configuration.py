"""Settings: what is refused says the file, the setting, its value and what was expected; what is kept reads back."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Literal

import pytest
from safetensors import safe_open

import baselines
from baselines.omniresponse.config import from_json
from baselines.shared.configuration import PartOfAll, Section, Size, load_config, override
from omnibench.errors import InputError, UsageError

WEIGHTS = sorted(Path(baselines.__file__).parent.glob("*/weights/*.safetensors"))


class Memory(Section):
    """An inner section."""

    layers: Size = 2
    kept: PartOfAll = 0.5
    sizes: tuple[int, ...] = (1, 2)


class Everything(Section):
    """One configuration."""

    kind: Literal["short", "long"] = "short"
    loud: bool = False
    limit: float | None = None
    memory: Memory = Memory()


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("memory.layers", 0, "is 0, expected a whole number, 1 or more."),
        ("memory.layers", 2.5, "is 2.5, expected a whole number, 1 or more."),
        ("memory.layers", True, "is True, expected a whole number, 1 or more."),
        ("memory.layers", "many", 'is "many", expected a whole number, 1 or more.'),
        ("memory.kept", 1.5, "is 1.5, expected a number, more than 0, at most 1."),
        ("memory.kept", float("nan"), "is nan, expected a number, more than 0, at most 1."),
        ("memory.sizes", [1, "x"], "is [1, 'x'], expected a list of whole numbers."),
        ("kind", "loud", 'is "loud", expected short or long.'),
        ("loud", 1, "is 1, expected true or false."),
        ("limit", "none", 'is "none", expected a number.'),
    ],
)
def test_a_value_that_does_not_fit_is_named(key: str, value: object, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        override(Everything(), {key: value}, "it")
    assert str(caught.value) == f"The setting {key} {expected}"
    if not isinstance(value, float) or value == value:
        path = tmp_path / "mine.toml"
        path.write_text(f"{key} = {json.dumps(value)}\n")
        with pytest.raises(InputError) as caught:
            load_config(Everything(), tmp_path, "mine", "it")
        assert str(caught.value) == f"{path}: The setting {key} {expected}"


def test_an_unknown_setting_names_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'it has no setting "memory\.layer"\. Did you mean "memory\.layers"\?'):
        override(Everything(), {"memory": {"layer": 3}}, "it")
    (tmp_path / "own.toml").write_text("[memory]\nlayer = 3\n")
    with pytest.raises(UsageError, match=r"own\.toml: it has no setting"):
        load_config(Everything(), tmp_path, str(tmp_path / "own.toml"), "it")


def test_text_is_read_as_the_type_of_its_setting() -> None:
    given = override(Everything(), {"memory": {"layers": "3", "kept": 1, "sizes": [4]}, "loud": "True"}, "it")
    assert given == Everything(loud=True, memory=Memory(layers=3, kept=1.0, sizes=(4,)))
    assert given.differences(Everything()) == ("loud", "memory.layers", "memory.kept", "memory.sizes")
    assert override(Everything(), json.loads(given.to_json()), "it") == given


@pytest.mark.parametrize("path", WEIGHTS, ids=[f"{path.parents[1].name}-{path.stem}" for path in WEIGHTS])
def test_the_settings_of_shipped_checkpoints_read_back_to_the_letter(path: Path) -> None:
    with safe_open(path, framework="numpy") as file:
        stored = file.metadata()["settings"]
    model = path.parents[1].name
    if model == "omniresponse":
        assert from_json(stored).to_json() == stored
    else:
        default = importlib.import_module(f"baselines.{model}.config").Settings()
        assert override(default, json.loads(stored), model).to_json() == stored
