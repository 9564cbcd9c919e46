"""English function words and fillers, which say nothing about what people talk of."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
    a about after again all also am an and any are aren't as at back be because been before being but by can can't come
    could couldn't did didn't do does doesn't doing don't done down even every for from get go going gonna got had
    hadn't has hasn't have haven't having he he'd he'll he's her here hers him his how i i'd i'll i'm i've if in into is
    isn't it it'll it's its just kind know let let's like lot make many may me mean mhm might mm more most much must my
    never no not now of off oh ok okay on once one only or other our out over own put really right said same say see she
    she'd she'll she's should shouldn't so some something still such take than that that'll that's the their them then
    there there's these they they'd they'll they're they've thing things think this those through to too uh um under
    until up us very want was wasn't way we we'd we'll we're we've well went were weren't what what's when where which
    while who who's why will with won't would wouldn't yeah yes you you'd you'll you're you've your yours
"""
STOPWORDS: Final[frozenset[str]] = frozenset(_WORDS.split())
