"""Logs on standard error: one line each, whatever is in it. Tokens never get as far as a log call."""

from __future__ import annotations

import logging
import time
from typing import Final

_FORMAT: Final = "%(asctime)sZ %(levelname)s %(process)d %(name)s %(message)s"


class _OneLine(logging.Formatter):
    """Line breaks, of a traceback or of a stranger's text, become visible."""

    def format(self, record: logging.LogRecord) -> str:
        """As the base class, with what does not print escaped."""
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in super().format(record))


def start_logging() -> None:
    """Everything from INFO on; libraries from WARNING on."""
    handler = logging.StreamHandler()
    lines = _OneLine(_FORMAT, "%Y-%m-%dT%H:%M:%S")
    lines.converter = time.gmtime
    handler.setFormatter(lines)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("leaderboard", "uvicorn"):
        logging.getLogger(name).setLevel(logging.INFO)
