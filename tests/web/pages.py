"""What a page is made of, for checks that look at its structure: a stdlib parser, no browser."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any


class Page(HTMLParser):
    """Elements in order with their attributes, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.blocks: list[tuple[str, dict[str, str], str]] = []
        self._open: tuple[str, dict[str, str]] | None = None
        self._text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag in ("script", "style"):
            self._open, self._text = (tag, found), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if self._open is not None and tag == self._open[0]:
            self.blocks.append((*self._open, self._text))
            self._open = None

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Names of elements and of their attributes: what markup in a text would change."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]

    @property
    def policy(self) -> str:
        """The content security policy; it has to come before anything that it is to govern."""
        first = next(a for tag, a in self.elements if tag in ("meta", "script", "style", "link") and "charset" not in a)
        assert first["http-equiv"] == "Content-Security-Policy"
        return first["content"]

    def data(self, name: str) -> Any:
        """A data block's content."""
        return next(json.loads(text) for _, attributes, text in self.blocks if attributes.get("id") == name)

    def addresses(self) -> list[str]:
        """Whatever a browser would load by itself: links that a person follows are not among them."""
        loading = [a.get("src", "") for _, a in self.elements]
        return [text for text in (*loading, *(a.get("href", "") for tag, a in self.elements if tag == "link")) if text]
