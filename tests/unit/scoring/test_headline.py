"""The headline on listeners whose parts are given: the least part counts, and it is shown where its order holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.scoring.headline import PARTS, Listener, headline

# heard_answered_2s, relevance, own_wer, lse_d, fd_standardised
PEOPLE = (0.5, 0.9, 0.1, 1.0, 0.0)
MODEL = (0.4, 0.7, 0.3, 1.4, 8.0)
CONTROLS = {
    "reflex": (0.0, 0.5, 0.1, 1.2, 30.0),
    "constant_reply": (0.45, 0.5, 0.1, 1.0, 20.0),
    "parrot": (0.0, 0.5, 0.1, 1.0, 2.0),
    "silence": (0.0, 0.5, None, 2.0, 60.0),
    "frozen": (None, None, None, None, 40.0),
}


def listener(name: str, values: tuple[float | None, ...], control: bool, people: int = 14) -> Listener:
    given_ = {part.metric: value for part, value in zip(PARTS, values, strict=True) if value is not None}
    rng = np.random.default_rng(len(name))
    without = {
        metric: {f"p{i}": value + 0.002 * float(rng.normal()) * abs(value) for i in range(people)}
        for metric, value in given_.items()
    }
    return Listener(name, control, given_, without)


def everyone(people: int = 14, **changed: tuple[float | None, ...]) -> list[Listener]:
    rows = {"ground_truth": PEOPLE, "omniresponse": MODEL, **CONTROLS, **changed}
    return [listener(name, own, name not in ("omniresponse",), people) for name, own in rows.items()]


def test_it_is_the_least_part_and_no_part_buys_another() -> None:
    found = headline(everyone())
    assert found.why == ""
    assert found.parts["omniresponse"] == pytest.approx(
        {"timing": 0.8, "relevance": 0.5, "says its words": 0.7 / 0.9, "lips": 0.6, "face": 0.8}
    )
    assert found.values["omniresponse"] == pytest.approx(0.5)
    assert found.values["ground_truth"] == 1.0
    assert max(found.values[name] for name in CONTROLS) == 0.0
    # Better lips and face than people's change nothing.
    better = headline(everyone(omniresponse=(0.4, 0.7, 0.3, 0.5, 0.0)))
    assert better.values["omniresponse"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("listeners", "why"),
    [
        (everyone(people=5), "5 people are too few for 6 comparisons"),
        (everyone(jukebox=(0.45, 0.85, 0.1, 1.0, 10.0)), "omniresponse is not above jukebox (p 1)"),
        (everyone(omniresponse=(0.0, 0.5, 0.3, 1.4, 8.0)), "omniresponse is not above reflex"),
        (everyone(reflex=(0.6, 0.5, 0.1, 1.2, 30.0)), "people are not above the floor of timing"),
        ([one for one in everyone() if one.name != "frozen"], "frozen is not among the rows"),
        (everyone(frozen=(None,) * 5), "frozen has no fd_standardised"),
        (
            [Listener(o.name, o.control, o.values, {}) if o.name == "parrot" else o for o in everyone()],
            "parrot has no heard_answered_2s person by person",
        ),
    ],
)
def test_where_its_order_does_not_hold_there_is_none_and_the_reason_is_said(
    listeners: list[Listener], why: str
) -> None:
    found = headline(listeners)
    assert why in found.why
    assert found.values == {}
    assert found.text().startswith("No headline on these data: ")


@given(st.tuples(*[st.floats(-1, 1)] * 2, *[st.floats(0, 60)] * 3))
def test_every_part_lies_between_0_and_1(values: tuple[float, ...]) -> None:
    found = headline(everyone(omniresponse=values))
    for own in found.parts.values():
        assert all(0.0 <= one <= 1.0 for one in own.values())
