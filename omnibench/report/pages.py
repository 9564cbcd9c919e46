"""What all pages share: templates that escape, data blocks that cannot end early, styles and scripts, and the policy
that lets nothing else run.

Names, notes and words are data. They reach a page through Jinja's escaping or through `data_block`, and scripts put
them on the page as text nodes, never as markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from omnibench.version import __version__

SITE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'"
)
"""For pages with their scripts and styles in files beside them."""

_ENDS: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def environment(package: str) -> Environment:
    """Templates of ``package`` and the shared ones of this room, autoescaped; an undefined name is an error."""

    def load(name: str) -> str | None:
        for owner in (package, "omnibench.report"):
            found = files(owner).joinpath("templates", name)
            if found.is_file():
                return found.read_text(encoding="utf-8")
        return None

    made = Environment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["data_block"] = data_block
    made.globals["version"] = __version__
    return made


def data_block(value: Any) -> Markup:
    """JSON for a ``<script type="application/json">``: no character in it can end the element or begin another.

    Raises:
        ValueError: a NaN or infinity.

    Example:
        >>> data_block({"note": "</script><b>"})
        Markup('{"note":"\\\\u003c/script\\\\u003e\\\\u003cb\\\\u003e"}')
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ENDS))  # noqa: S704  what could be markup has just been taken out


@cache
def static_text(package: str, name: str) -> str:
    """A style sheet or script of a package's ``static`` folder."""
    return files(package).joinpath("static", name).read_text(encoding="utf-8")


def bundle(package: str, names: Iterable[str]) -> str:
    """Several of them, in that order, as one."""
    return "\n".join(static_text(package, name) for name in names)


def inline_policy(script: str, style: str, media: str = "blob:") -> str:
    """The policy of a page that carries its one script and one style in itself: these two by their hash, media from
    the page's own memory (or ``'self'``, files beside it), and no connection anywhere.
    """
    return (
        f"default-src 'none'; script-src '{_source_hash(script)}'; style-src '{_source_hash(style)}'; img-src data:; "
        f"media-src {media}; base-uri 'none'; form-action 'none'"
    )


def inline(text: str) -> Markup:
    """One of our own scripts or styles for the inside of a page. Raises ValueError where it would end its element."""
    if "</" in text:
        raise ValueError('a script or style holds "</", which could end its element')
    return Markup(text)  # noqa: S704  package data of ours, and it cannot end the element


def _source_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
