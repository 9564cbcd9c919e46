"""``about.json``: what a data set's files cannot say of it, for its card: how it was made, by whom, its licence.

    {"description": "Two people in video calls.", "license": "https://www.apache.org/licenses/LICENSE-2.0"}

It lies beside the manifest, or beside the folder of a data set that comes with a package. Every key may be left out.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final

from pydantic import AnyUrl, Field

from omnibench.files.records import Names, Record

ABOUT_NAME: Final = "about.json"


class About(Record):
    """``license`` and ``url`` are addresses; ``published`` is a day like ``2026-12-01``. ``collection`` and what
    follows are fields of Croissant's vocabulary for responsible use: how the data came about, what of persons is in
    them, what they are skewed to, what they cannot tell, and what they are for.
    """

    description: str = ""
    license: Annotated[AnyUrl, Field(strict=False)] | None = None
    url: Annotated[AnyUrl, Field(strict=False)] | None = None
    creators: Names = ()
    citation: str = ""
    published: Annotated[date, Field(strict=False)] | None = None
    keywords: Names = ()
    languages: Names = ()
    collection: str = ""
    personal: str = ""
    biases: Names = ()
    limitations: Names = ()
    uses: Names = ()


def read_about(folder: Path) -> About:
    """What lies in a folder; all of it left out where there is no such file.

    Raises:
        InputError: a damaged file; the message names the field.
    """
    path = folder / ABOUT_NAME
    return About.read(path, "Mend it, or remove it.") if path.is_file() else About()
