"""Names as a reader sees them, and addresses that are what they say."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.entry.addresses import contact_fault, web_fault
from leaderboard.entry.naming import folded, mixed_word, skeleton
from leaderboard.entry.plain_text import line_fault, plain, text_fault


@pytest.mark.parametrize(
    "other",
    [
        "GROUND TRUTH",
        "ground-truth",
        "gr\u043eund_truth",
        "gr0und truth",
        "\uff47round\u3000truth",
        "Gr\u00f6und Truth",
        "G\u0280ound truth",
    ],
)
def test_names_that_read_alike_have_one_skeleton(other: str) -> None:
    assert skeleton(other) == skeleton("ground_truth")


@pytest.mark.parametrize(
    "name",
    ["Zürich & Co. (R&D)", "李's lab", "Лаборатория речи", "β-VAE", "Nguyễn Đức", "عربي", "e\u0301clair", "🎉 lab"],
)
def test_ordinary_names_pass(name: str) -> None:
    assert line_fault(name) is None
    assert mixed_word(name) is None
    assert skeleton(name)


@given(st.text(max_size=30))
def test_what_passes_as_a_name_is_seen(text: str) -> None:
    if line_fault(text) is None:
        assert not {unicodedata.category(c) for c in text} & {"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert folded(folded(text)) == folded(text)
    assert line_fault(plain(text, breaks=False)) is None or not plain(text, breaks=False)
    assert text_fault(plain(text), breaks=True) is None


def test_running_text_may_hold_what_it_needs() -> None:
    for text in ("می‌خواهم", "❤\ufe0f", "👩\u200d🔬", "soft\u00adhyphen"):
        assert text_fault(text, breaks=True) is None
        assert "invisible" in str(line_fault(text))


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a?b=c#d", "http://xn--mller-kva.de/", "https://8.8.8.8/a", "https://a.b.example.org:8443/"],
)
def test_addresses_that_anybody_reaches(address: str) -> None:
    assert web_fault(address) is None
    assert contact_fault(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org", "//example.org", "https:example.org", "https://", "https:///a", "https://a@example.org",
        "https://example.org@evil.org", "https://[::1]/", "https://169.254.169.254/", "https://10.1/", "https://0x7f000001/",
        "https://router.lan/", "https://example.org:0x50/", "https://example.org:99999/", "https://exa mple.org/",
        "https://m\u00fcller.de/", "https://xn--pple-43d.com/", "https://example.org/%0d%0a", "https://example.org/%zz",
        "https://example.org\\@evil.org/", "mailto:a@example.org", "data:text/html,x", "https://-a.example.org/",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(address: str) -> None:
    assert web_fault(address) is not None
    assert contact_fault(address) is not None
