"""matplotlib, wherever it is imported: pictures are files here, and need neither a display nor a folder of its own."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from omnibench.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(**options: Any) -> Figure:
    """A figure of matplotlib's with these ``options``. Raises as `load_matplotlib`."""
    load_matplotlib()
    from matplotlib.figure import Figure

    return Figure(**options)


def load_matplotlib() -> None:
    """Import matplotlib for the first time, whatever ``$MPLBACKEND`` says and wherever it keeps its files.

    A backend that is none would end its import, and a folder that cannot be written makes it talk.

    Raises:
        InputError: no folder at all can be written, not even for temporary files.
    """
    if "matplotlib" in sys.modules:
        return
    backend = os.environ.pop("MPLBACKEND", None)
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        import matplotlib as mpl
    except OSError as error:
        raise InputError("matplotlib finds no folder that it can write to. Set MPLCONFIGDIR to one.") from error
    finally:
        log.setLevel(level)
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:
        with suppress(ValueError):
            mpl.rcParams["backend"] = backend
