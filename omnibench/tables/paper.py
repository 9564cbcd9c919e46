"""The numbers that the paper reports: Tables 2 and 3 of OmniResponse (NeurIPS 2025), cell by cell.

A ``None`` is the paper's dash. These rows stand apart in every table of ours: reported by their authors, not measured
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Direction = Literal["higher", "lower"]

SOURCE: Final = (
    "OmniResponse: Online Multimodal Conversational Response Generation in Dyadic Interactions, NeurIPS 2025"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A metric's place in the paper's tables."""

    metric: str
    title: str
    modality: Literal["Text", "Audio", "Video"]
    direction: Direction
    decimals: int


COLUMNS: Final[dict[str, Column]] = {
    c.metric: c
    for c in (
        Column("meteor", "METEOR", "Text", "higher", 3),
        Column("bertscore_f1", "BERTScore-F1", "Text", "higher", 3),
        Column("rouge_l", "ROUGE-L", "Text", "higher", 3),
        Column("distinct_2", "Distinct-2", "Text", "higher", 3),
        Column("lse_d", "LSE-D", "Audio", "lower", 2),
        Column("utmosv2", "UTMOSv2", "Audio", "higher", 2),
        Column("fd", "FD", "Video", "lower", 2),
        Column("fvd", "FVD", "Video", "lower", 2),
    )
}


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """One row: ``model`` is our name of the system, ``title`` the paper's, ``values`` in the order of the table's
    columns.
    """

    model: str
    title: str
    group: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ReportedTable:
    """A table of the paper: its number, caption, metric columns and rows in the paper's order and groups."""

    number: int
    caption: str
    metrics: tuple[str, ...]
    rows: tuple[ReportedRow, ...]


_OFFLINE = "Offline Text Dialogue Generation System"
_AUDIO = "Online Auditory Dialogue Generation System"
_FACE = "Facial Reaction Generation System"
_OMCRG = "Online Multimodal Conversational Response Generation Baseline"

TABLE_2: Final = ReportedTable(
    2,
    "Quantitative results on the ResponseNet test split",
    tuple(COLUMNS),
    (
        ReportedRow("ground_truth", "Ground-Truth", "", (None, None, None, 0.835, 8.96, 1.56, None, None)),
        ReportedRow("gpt-4o", "GPT-4o", _OFFLINE, (0.167, 0.805, 0.079, 0.928, None, None, None, None)),
        ReportedRow("gpt-4", "GPT-4", _OFFLINE, (0.163, 0.822, 0.082, 0.960, None, None, None, None)),
        ReportedRow("o1", "GPT-o1", _OFFLINE, (0.189, 0.822, 0.113, 0.948, None, None, None, None)),
        ReportedRow("moshi", "Moshi", _AUDIO, (0.120, 0.818, 0.078, 0.499, None, 2.21, None, None)),
        ReportedRow("reactface", "ReactFace", _FACE, (None, None, None, None, None, None, 32.72, 340.28)),
        ReportedRow("vico", "ViCo", _FACE, (None, None, None, None, None, None, 57.13, 325.65)),
        ReportedRow("lstm", "LSTM", _OMCRG, (0.042, 0.716, 0.000, 0.000, 9.72, 1.21, 6.51, 320.92)),
        ReportedRow("av_llm", "Audio-visual LLM", _OMCRG, (0.030, 0.662, 0.020, 0.155, 10.03, 1.32, 580.86, 681.55)),
        ReportedRow(
            "omniresponse", "OmniResponse (Ours)", _OMCRG, (0.141, 0.806, 0.081, 0.882, 9.56, 1.41, 15.46, 314.94)
        ),
    ),
)
TABLE_3: Final = ReportedTable(
    3,
    "Ablation of Chrono-Text Markup and TempoVoice",
    ("meteor", "bertscore_f1", "lse_d", "utmosv2", "fd"),
    (
        ReportedRow("omniresponse-neither", "no Chrono-Text, no TempoVoice", "", (0.090, 0.755, 13.64, 1.21, 596.27)),
        ReportedRow("omniresponse-no-tempovoice", "Chrono-Text, no TempoVoice", "", (0.128, 0.778, 11.91, 1.23, 19.58)),
        ReportedRow("omniresponse-no-chrono", "no Chrono-Text, TempoVoice", "", (0.122, 0.766, 11.51, 1.39, 23.42)),
        ReportedRow("omniresponse", "Chrono-Text, TempoVoice", "", (0.141, 0.806, 9.56, 1.41, 15.46)),
    ),
)
TABLES: Final = {2: TABLE_2, 3: TABLE_3}
