"""``picture`` and ``data stats`` asked for matplotlib, an extra, on the first screen; ``data build`` for the studio's
packages after a bar of 20 s.

What the first page names works with the core alone; what needs an extra says so before anything else.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from data_factory import write_dataset
from packaging.requirements import Requirement

from omnibench.cli import main

# Without the modules of every extra: as after `pip install omnibench` alone, but for what a core package brings.
WITHOUT_EXTRAS = """
import sys
from omnibench.system.environment import FEATURES
absent = {module for feature in FEATURES for module in feature.modules} - {"onnxruntime", "httpx2"}
absent |= {"imageio_ffmpeg", "gguf", "peft", "accelerate", "playwright", "psycopg", "onnx"}

class Without:
    def __init__(self, finder): self.finder = finder
    def find_spec(self, name, *rest):
        return None if name.partition(".")[0] in absent else self.finder.find_spec(name, *rest)
    def __getattr__(self, name): return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from omnibench.cli import main
sys.exit(main(sys.argv[1:]))
"""


def bare(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", WITHOUT_EXTRAS, *arguments]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data set and a run of it."""
    folder = tmp_path_factory.mktemp("home")
    write_dataset(folder / "data", ids=("a", "b"), seconds=1.2)
    arguments = ["run", "--model", "parrot", "--data", str(folder / "data"), "--out", str(folder / "run")]
    assert main([*arguments, "--workers", "0", "--protocol", "offline", "--allow-partial"]) == 0
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "stats", "data"),
        ("picture", "run", "--id", "a", "--data", "data", "--out", "a.png"),
        ("score", "run", "--data", "data", "--protocol", "offline", "--allow-partial"),
        ("report", "run", "--data", "data"),
        ("table", "2"),
        ("models",),
        ("doctor",),
        ("bench", "silence", "--minutes", "0.01", "--curve", "curve.png"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_core_is_enough(arguments: tuple[str, ...], home: Path) -> None:
    done = bare(*arguments, cwd=home)
    assert done.returncode == 0, done.stderr


def test_data_build_says_first_what_it_needs(tmp_path: Path) -> None:
    done = bare("data", "build", "mini", "--out", "built", cwd=tmp_path)
    assert done.returncode == 3
    assert 'pip install "omnibench[studio]"' in done.stderr
    assert "dialogue" not in done.stderr  # no bar
    assert not list(tmp_path.iterdir())


def test_the_old_name_of_the_extra_installs() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["plots"] == []
    assert "matplotlib" in {Requirement(text).name for text in project["dependencies"]}
