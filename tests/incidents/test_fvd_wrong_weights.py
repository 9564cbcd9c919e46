"""Another port of I3D under the same file name gave other FVD values: nothing checked which network it was. And
TorchScript is code: loading whatever lies at the path runs it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from omnibench.errors import InputError
from omnibench.metrics.video.i3d import I3D


def test_another_file_under_the_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "i3d_torchscript.pt").write_bytes(b"i3d_pretrained_400 under another name")
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    with pytest.raises(InputError, match="expected bec6519f66ea534e"):
        I3D(256)
