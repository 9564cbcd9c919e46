"""Names that packages register through entry points: models, metrics, data sets, commands.

``omnibench`` never imports ``baselines`` or ``leaderboard``; they, and a stranger's package, arrive this way.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points, packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

from omnibench.errors import MissingError, UsageError, unknown_name

T = TypeVar("T")
DISTRIBUTION: Final = "omnibench"
HOME: Final = Path(__file__).resolve().parents[1]
"""Where the packages of our own distribution lie side by side."""


class Registry(Generic[T]):
    """One entry-point group, read when first asked; an entry is imported only when it is fetched.

    Args:
        group: its name.
        kind: what it registers, like ``"model"``.
        listing: the command that lists them.
        check: takes an entry point's name and the object behind it, and raises InputError for one that will not do.
    """

    def __init__(
        self, group: str, *, kind: str, listing: str, check: Callable[[str, object], None] | None = None
    ) -> None:
        self.group, self.kind, self.listing, self._check = group, kind, listing, check

    @cached_property
    def _entries(self) -> dict[str, EntryPoint]:
        # One distribution seen twice on sys.path (an editable install run from its own folder) is not a clash.
        found = {(e.name, e.value): e for e in entry_points(group=self.group)}
        counts = Counter(name for name, _ in found)
        for name, count in counts.items():
            if count > 1:
                values = " and ".join(sorted(value for n, value in found if n == name))
                raise UsageError(
                    f'The {self.kind} name "{name}" is registered {count} times ({values}). '
                    f"Uninstall one of the packages: a name means one thing."
                )
        return {name: entry for (name, _), entry in sorted(found.items())}

    def names(self) -> tuple[str, ...]:
        """All registered names, sorted."""
        return tuple(self._entries)

    @cached_property
    def ours(self) -> tuple[str, ...]:
        """The names that omnibench itself registers, sorted; no other package's."""
        return tuple(name for name, entry in self._entries.items() if entry.dist and entry.dist.name == DISTRIBUTION)

    def forget_others(self) -> None:
        """Know our own names alone from now on, in this process: for numbers that must not hang on what else is
        installed.
        """
        self._entries = {name: self._entries[name] for name in self.ours}

    def module(self, name: str) -> str:
        """The module behind a registered ``name``, which is not imported."""
        return self._entries[name].module

    def get(self, name: str) -> T:
        """Import and return the object behind ``name``.

        Raises:
            UsageError: an unknown name, with "did you mean".
            MissingError: an entry of ours whose package another one of the same name hides.
            InputError: an object that is none of its kind.
        """
        if name not in self._entries:
            raise unknown_name(self.kind, name, self._entries, self.listing)
        if self._entries[name].module not in sys.modules:
            _require_ours(self._entries[name])
        found: object = self._entries[name].load()
        if self._check is not None:
            self._check(name, found)
        return cast(T, found)


def _require_ours(entry: EntryPoint) -> None:
    """Raises MissingError where Python finds a package of somebody else's in place of ours: ``baselines`` and
    ``leaderboard`` are names that others use too.
    """
    package = entry.module.partition(".")[0]
    home = HOME / package
    if entry.dist is None or entry.dist.name != DISTRIBUTION or not (home / "__init__.py").is_file():
        return
    spec = find_spec(package)
    if spec is None:
        return
    places = [Path(place).resolve() for place in spec.submodule_search_locations or [spec.origin or ""]]
    if home in places:
        return
    others = [name for name in packages_distributions().get(package, []) if name != DISTRIBUTION]
    remedy = f"`pip uninstall {others[0]}`" if others else "Take that one off the path (PYTHONPATH, this folder)"
    raise MissingError(
        f"{entry.name} needs our package {package} ({home}), but Python finds another of that name first: {places[0]}. "
        f"{remedy}, or give {DISTRIBUTION} an environment of its own."
    )
