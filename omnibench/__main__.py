"""``python -m omnibench`` is the ``omnibench`` command."""

from omnibench.cli import entry_point

entry_point()
