"""The kinds of situations in which the speaker does what was recorded: pure functions from a draw to a plan.

Where the seconds come from is told in docs/events.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from omnibench.files.event_records import Act, Kind
from omnibench.studio.events.draws import Draws
from omnibench.studio.events.plan import (
    Asked,
    Line,
    Moment,
    Move,
    Noticed,
    Plan,
    Side,
    Sound,
    Talk,
    at,
    begins,
    ends,
)

Make = Callable[[Draws], Plan]

EARLY: Final = 0.25
"""A turn may begin so long before the other's ends, seconds: what overlaps less is heard as smooth."""
PROMPT: Final = 2.0
"""A question is answered within so many seconds of its end."""
QUIET: Final = 2.0
"""So long after something that asks for no answer, nobody must have answered it."""


def _lead(draws: Draws) -> Moment:
    return at(draws.between(0.5, 1.1))


def _answered(line: int) -> tuple[Asked, ...]:
    """A turn at the line's end, and none well before it."""
    return (
        Asked("must_not", ("turn",), at(0.2), ends(line, -0.5)),
        Asked("must", ("turn",), ends(line, -EARLY), ends(line, PROMPT)),
    )


def answer_question(draws: Draws) -> Plan:
    """A question: a turn has to begin within two seconds."""
    (text,) = draws.line("answer_question")
    side = Side((Line(text, _lead(draws), draws.mood("neutral", "happy", "serious")),))
    return Plan("answer_question", text, side, Noticed("question", begins(0), ends(0)), _answered(0))


def answer_statement(draws: Draws) -> Plan:
    """News: a turn or a short answer has to begin within two seconds."""
    (text,) = draws.line("answer_statement")
    side = Side((Line(text, _lead(draws), draws.mood("neutral", "serious", "surprised")),))
    asked = (
        Asked("must_not", ("turn",), at(0.2), ends(0, -0.5)),
        Asked("must", ("turn", "backchannel"), ends(0, -EARLY), ends(0, PROMPT)),
    )
    return Plan("answer_statement", text, side, Noticed("news", begins(0), ends(0)), asked)


def _held(draws: Draws, kind: Kind, pause: tuple[float, float]) -> Plan:
    """A turn with a pause in it, after which the floor is free."""
    first, rest = draws.line(kind)
    mood, gap = draws.mood("neutral", "serious", "worried"), draws.between(*pause)
    lines = (Line(first, _lead(draws), mood), Line(rest, ends(0, gap), mood))
    asked = (
        Asked("may", ("backchannel", "nod"), begins(0, 0.5), ends(1)),
        Asked("must_not", ("turn",), at(0.2), ends(1, -0.5)),
        Asked("may", ("turn", "backchannel"), ends(1, -EARLY), ends(1, PROMPT)),
    )
    moves = (Move("away", ends(0, -0.2), begins(1, -0.1)),)
    return Plan(kind, f"{first} … {rest}", Side(lines, moves), Noticed("pause", ends(0), begins(1)), asked)


def hold_pause(draws: Draws) -> Plan:
    """The speaker stops in the middle of a sentence for .7 to 1.6 s and goes on."""
    return _held(draws, "hold_pause", (0.7, 1.6))


def hold_filler(draws: Draws) -> Plan:
    """The same after an *um*, with a longer pause."""
    return _held(draws, "hold_filler", (0.9, 2.0))


def backchannel_slot(draws: Draws) -> Plan:
    """A story in three parts: after the first or the second, a sign of listening, and no turn before the end."""
    parts = draws.line("backchannel_slot")
    lines = [Line(parts[0], _lead(draws), draws.mood("neutral", "happy"))]
    lines += [Line(text, ends(i, draws.between(0.35, 0.6)), lines[0].mood) for i, text in enumerate(parts[1:])]
    signs: tuple[Act, ...] = ("backchannel", "nod")
    asked = (
        Asked("must_not", ("turn",), at(0.2), ends(2, -0.5)),
        Asked("must", signs, ends(0, -0.3), ends(1, 1.2)),
        Asked("may", signs, ends(0, -0.3), ends(0, 1.2)),
        Asked("may", signs, ends(1, -0.3), ends(1, 1.2)),
        Asked("may", ("turn", "backchannel"), ends(2, -EARLY), ends(2, PROMPT)),
    )
    return Plan("backchannel_slot", " … ".join(parts), Side(tuple(lines)), Noticed("story", ends(0), ends(1)), asked)


def others_backchannel(draws: Draws) -> Plan:
    """While nobody says anything, the speaker says *mm-hm*: that is no turn to be answered."""
    (text,) = draws.line("others_backchannel")
    side = Side((Line(text, at(draws.between(2.0, 3.2)), draws.mood("neutral", "happy"), backchannel=True),))
    asked = (
        Asked("may", ("nod", "smile", "backchannel"), begins(0), ends(0, QUIET)),
        Asked("must_not", ("turn",), begins(0), ends(0, QUIET)),
    )
    return Plan("others_backchannel", text, side, Noticed("backchannel", begins(0), ends(0)), asked)


def smile_back(draws: Draws) -> Plan:
    """The speaker smiles, with a friendly word or without: a smile within two seconds and a half."""
    (text,) = draws.line("smile_back")
    start = at(draws.between(1.2, 2.0))
    lines = () if draws.chance(0.4) else (Line(text, start, "happy"),)
    over = ends(0, 1.0) if lines else start.after(draws.between(1.8, 2.6))
    asked = [Asked("must", ("smile",), start.after(0.2), (begins(0) if lines else start).after(2.5))]
    if lines:
        asked.append(Asked("may", ("turn", "backchannel"), ends(0, -EARLY), ends(0, PROMPT)))
    side = Side(lines, (Move("smile", start, over),))
    return Plan("smile_back", text if lines else "without a word", side, Noticed("smile", start, over), tuple(asked))


def nod_back(draws: Draws) -> Plan:
    """The speaker nods at the end of what both agree on: a nod within two seconds; a word is allowed as well."""
    (text,) = draws.line("nod_back")
    line = Line(text, _lead(draws), draws.mood("neutral", "serious"))
    nod = Move("nod", ends(0, -0.3), ends(0, 0.9))
    asked = (
        Asked("must_not", ("turn",), at(0.2), ends(0, -0.5)),
        Asked("must", ("nod",), ends(0, -0.3), ends(0, PROMPT)),
        Asked("may", ("turn", "backchannel"), ends(0, -EARLY), ends(0, PROMPT)),
    )
    return Plan("nod_back", text, Side((line,), (nod,)), Noticed("nod", nod.start, nod.end), asked)


def look_back(draws: Draws) -> Plan:
    """The speaker looks away in thought and comes back: the listener has to be looking within a second."""
    first, rest = draws.line("look_back")
    gap = draws.between(1.2, 2.2)
    lines = (Line(first, _lead(draws), "neutral"), Line(rest, ends(0, gap), draws.mood("neutral", "happy")))
    away = Move("away", begins(0, 0.3), begins(1, -0.15))
    asked = (
        Asked("must_not", ("turn",), at(0.2), ends(1, -0.5)),
        Asked("must", ("gaze",), away.end, away.end.after(1.0)),
        Asked("may", ("turn", "backchannel"), ends(1, -EARLY), ends(1, PROMPT)),
    )
    return Plan(
        "look_back", f"{first} … {rest}", Side(lines, (away,)), Noticed("gaze back", away.end, begins(1)), asked
    )


def long_silence(draws: Draws) -> Plan:
    """The speaker asks for a moment and is silent for five seconds: a short word is allowed, a turn is not."""
    (text,) = draws.line("long_silence")
    side = Side((Line(text, _lead(draws)),), (Move("away", ends(0, 0.2), ends(0, 5.0)),))
    asked = (
        Asked("may", ("backchannel", "nod", "smile"), ends(0, -EARLY), ends(0, 5.0)),
        Asked("must_not", ("turn",), at(0.2), ends(0, 5.0)),
    )
    return Plan("long_silence", text, side, Noticed("silence", ends(0), ends(0, 5.0)), asked)


def floor_offered(draws: Draws) -> Plan:
    """The speaker has said all and waits: after a second anybody may go on, and by four seconds somebody has to."""
    (text,) = draws.line("floor_offered")
    side = Side((Line(text, _lead(draws), draws.mood("neutral", "serious")),))
    asked = (
        Asked("must_not", ("turn",), at(0.2), ends(0, -0.5)),
        Asked("must", ("turn",), ends(0, -EARLY), ends(0, 4.0)),
    )
    return Plan("floor_offered", text, side, Noticed("silence", ends(0), ends(0, 4.0)), asked)


def _unanswered(kind: Kind, name: str, side: Side, start: Moment, seconds: float) -> Plan:
    over = start.after(seconds)
    asked = (
        Asked("may", ("smile", "gaze", "nod"), start, over.after(QUIET)),
        Asked("must_not", ("turn", "backchannel"), start, over.after(QUIET)),
    )
    return Plan(kind, name, side, Noticed(kind, start, over), asked)


def noise(draws: Draws) -> Plan:
    """A noise and nobody's word: no answer."""
    name = draws.pick("noise", ("door", "keys", "typing", "dishes", "phone", "traffic", "fan", "paper", "chair"))
    start, seconds = at(draws.between(1.5, 2.5)), draws.between(0.8, 2.0)
    return _unanswered("noise", name, Side(sounds=(Sound(name, start, seconds),)), start, seconds)


def cough(draws: Draws) -> Plan:
    """The speaker coughs, clears the throat or sniffs, and says nothing: no answer."""
    name = draws.pick("cough", ("cough", "throat", "sniff"))
    start, seconds = at(draws.between(1.8, 2.8)), draws.between(0.6, 1.1)
    moves = (Move("cough", start, start.after(seconds)),) if name != "sniff" else ()
    return _unanswered("cough", name, Side((), moves, (Sound(name, start, seconds),)), start, seconds)


def background_talk(draws: Draws) -> Plan:
    """Somebody else talks in the background, then the speaker asks: an answer to the one, none to the other."""
    (text,), (behind,) = draws.line("background_talk"), draws.line("background_voice")
    talks = [Talk(behind, at(0.6))]
    if draws.chance(0.5):
        talks.append(Talk(draws.line("background_voice", 1)[0], at(draws.between(3.6, 4.2))))
    side = Side((Line(text, at(draws.between(3.6, 4.4)), draws.mood("neutral", "happy")),), talks=tuple(talks))
    return Plan("background_talk", text, side, Noticed("question", begins(0), ends(0)), _answered(0))


def laugh_along(draws: Draws) -> Plan:
    """A funny story and the speaker's laugh: a smile or a laugh within two seconds of it."""
    (text,) = draws.line("laugh_along")
    laugh = draws.pick("laugh", ("Ha ha ha!", "Ha ha!", "Ha ha ha ha!"))
    lines = (Line(text, _lead(draws), "amused"), Line(laugh, ends(0, draws.between(0.1, 0.25)), "amused"))
    asked = (
        Asked("must_not", ("turn",), at(0.2), ends(0, -0.5)),
        Asked("must", ("smile", "laugh"), ends(0, -0.3), ends(1, PROMPT)),
        Asked("may", ("turn", "backchannel"), ends(1, -EARLY), ends(1, PROMPT)),
    )
    side = Side(lines, (Move("smile", ends(0, -0.4), ends(1, 1.0)),))
    return Plan("laugh_along", text, side, Noticed("laugh", begins(1), ends(1)), asked)


RECORDED: Final[Mapping[Kind, Make]] = {
    "answer_question": answer_question,
    "answer_statement": answer_statement,
    "hold_pause": hold_pause,
    "hold_filler": hold_filler,
    "backchannel_slot": backchannel_slot,
    "others_backchannel": others_backchannel,
    "smile_back": smile_back,
    "nod_back": nod_back,
    "look_back": look_back,
    "long_silence": long_silence,
    "floor_offered": floor_offered,
    "noise": noise,
    "cough": cough,
    "background_talk": background_talk,
    "laugh_along": laugh_along,
}
