"""BibTeX of a row: the submitter's own, or one made from what is known."""

from __future__ import annotations

import re
from typing import Final

PAPER: Final = """@inproceedings{omniresponse2025,
  title     = {{OmniResponse}: Online Multimodal Conversational Response Generation in Dyadic Interactions},
  author    = {Luo, Cheng and Wang, Jianghui and Li, Bing and Song, Siyang and Ghanem, Bernard},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2025}
}"""


def made_up(key: str, title: str, author: str = "", year: str = "", note: str = "") -> str:
    """A ``@misc`` entry.

    Example:
        >>> print(made_up("face-lab", "Mirror {2}", "Face Lab", "2026"))
        @misc{face-lab,
          title  = {Mirror 2},
          author = {{Face Lab}},
          year   = {2026}
        }
    """
    fields = [("title", _plain(title))]
    fields += [("author", f"{{{_plain(author)}}}")] if author else []
    fields += [("year", _plain(year))] if year else []
    fields += [("note", _plain(note))] if note else []
    width = max(len(name) for name, _ in fields)
    lines = ",\n".join(f"  {name:<{width}} = {{{text}}}" for name, text in fields)
    return f"@misc{{{re.sub(r'[^A-Za-z0-9_.:-]+', '-', key)},\n{lines}\n}}"


def _plain(text: str) -> str:
    """Without what would end a field or start a command."""
    return re.sub(r"[{}\\]", "", " ".join(text.split()))
