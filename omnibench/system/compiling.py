"""Functions that numba compiles: what it made is kept where there is a place for it, and else made again."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from numba import njit
from numba.core.caching import FunctionCache

from omnibench.notices import notice
from omnibench.system.places import cache_folder

PLACE_VARIABLE: Final = "NUMBA_CACHE_DIR"


class _Kept(FunctionCache):
    """numba's files of one function, which may be unreadable, cut short, another user's or on a full disk."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was kept; None, as where nothing was, for what cannot be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled; over a damaged list too, and not at all where the folder refuses it."""
        try:
            try:
                super().save_overload(sig, data)
            except OSError:
                raise
            except Exception:
                self.flush()
                super().save_overload(sig, data)
        except OSError as error:
            _not_kept(f"{self.cache_path}: {error.strerror}")


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """``numba.njit(**options)`` that keeps what it made for the next process.

    Kept beside the source or in the user's cache, as numba does, else in ``$OMNIBENCH_CACHE/numba``; where none of them
    can be written, each process compiles anew, which a notice says. What is computed is the same.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = njit(**options)(function)
        kept = _place_for(function)
        if kept is not None:
            dispatcher._cache = kept  # noqa: SLF001, what `enable_caching` sets; it knows one kind of cache alone
        return dispatcher

    return decorate


def _place_for(function: Callable[..., Any]) -> _Kept | None:
    try:
        return _Kept(function)
    except (RuntimeError, OSError):
        pass
    own = cache_folder("numba")
    try:
        own.mkdir(parents=True, exist_ok=True)
        os.environ[PLACE_VARIABLE] = str(own)
        _reread()
        return _Kept(function)
    except (RuntimeError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not writable"
        _not_kept(f"{own}: {reason}")
        return None


def _reread() -> None:
    """Have numba read its variables again, which it does at import."""
    from numba.core import config

    config.reload_config()


def _not_kept(reason: str) -> None:
    notice(
        "compiled",
        f"compiled code is not kept ({reason}), so that each start takes longer. "
        f"Set {PLACE_VARIABLE} to a folder that can be written.",
    )
