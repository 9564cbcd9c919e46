"""How people type, and what they mean by it: short forms, lost apostrophes, frequent slips."""

from __future__ import annotations

import re
from typing import Final


def _pairs(text: str) -> dict[str, str]:
    """``"dont=don't u=you"``; an underscore stands for a space."""
    return {a: b.replace("_", " ") for a, b in (pair.split("=") for pair in text.split())}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHORT: Final = _pairs(
    """u=you ur=your r=are ya=yeah yea=yeah yah=yeah yeh=yeah k=okay kk=okay ok=okay okey=okay thx=thanks ty=thank_you
    pls=please plz=please bc=because b/c=because cuz=because cus=because coz=because becuase=because becasue=because
    tho=though thru=through idk=I_don't_know ik=I_know btw=by_the_way omg=oh_my_gosh tbh=to_be_honest
    imo=in_my_opinion imho=in_my_opinion rn=right_now nvm=never_mind jk=just_kidding brb=be_right_back
    wbu=what_about_you wby=what_about_you hbu=how_about_you ppl=people prob=probably probs=probably def=definitely
    alot=a_lot atleast=at_least eachother=each_other everytime=every_time noone=no_one nevermind=never_mind
    highschool=high_school forsure=for_sure goodluck=good_luck inbetween=in_between gtg=I've_got_to_go
    g2g=I've_got_to_go ngl=not_going_to_lie ikr=I_know_right yw=you're_welcome fav=favorite fave=favorite w/=with
    w/o=without vs=versus convo=talk hs=high_school hw=homework gf=girlfriend bf=boyfriend tv=T_V pc=P_C
    ai=A_I dc=D_C vr=V_R phd=P_H_D gpa=G_P_A dvd=D_V_D cgi=C_G_I usa=U_S_A fbi=F_B_I dna=D_N_A xbox=X_box ap=A_P
    cs=C_S us=us fyi=for_your_information wanna=want_to gonna=going_to gotta=got_to kinda=kind_of sorta=sort_of
    lemme=let_me gimme=give_me dunno=don't_know outta=out_of lotta=lot_of bbq=barbecue imma=I'm_going_to
    coulda=could_have woulda=would_have shoulda=should_have wouldve=would_have couldve=could_have shouldve=should_have
    y'all=you_all yall=you_all ya'll=you_all yup=yep yess=yes woah=whoa heyy=hey heyo=hey til=until hrs=hours hr=hour
    min=minute mins=minutes lil=little cya=see_you ttyl=talk_to_you_later doin=doing chillin=chilling cmon=come_on
    lovin=loving tryna=trying_to bday=birthday pic=picture pics=pictures fam=family im=I'm i'm=I'm ive=I've i've=I've
    i'll=I'll i'd=I'd i=I dont=don't cant=can't wont=won't didnt=didn't doesnt=doesn't isnt=isn't wasnt=wasn't
    arent=aren't werent=weren't havent=haven't hasnt=hasn't hadnt=hadn't couldnt=couldn't wouldnt=wouldn't
    shouldnt=shouldn't aint=ain't thats=that's whats=what's hows=how's wheres=where's whos=who's hes=he's shes=she's
    theres=there's heres=here's lets=let's youre=you're theyre=they're youll=you'll theyll=they'll itll=it'll
    thatll=that'll youve=you've theyve=they've weve=we've youd=you'd theyd=they'd itd=it'd hed=he'd shed=she'd
    arnt=aren't everyones=everyone's definetly=definitely definately=definitely definitly=definitely
    definitley=definitely defenitely=definitely definently=definitely embarassing=embarrassing wierd=weird werid=weird
    suprised=surprised buisness=business actaully=actually acutally=actually remeber=remember intersting=interesting
    teh=the jsut=just taht=that liek=like waht=what knwo=know ahve=have poeple=people ther=there happend=happened
    realy=really beleive=believe belive=believe roomate=room_mate roomates=room_mates roommate=room_mate
    roommates=room_mates icecream=ice_cream alittle=a_little differnt=different somtimes=sometimes sophmore=sophomore
    goin=going byu=college byu's=college's byui=college byu-i=college hmmm=hmm hmmmm=hmm mhmm=mm-hm mmhmm=mm-hmm
    mhm=mm-hm uhm=um umm=um ummm=um uhh=uh uhhh=uh ehh=eh ooh=oh oooh=oh ohh=oh ohhh=oh ooo=oh oooo=oh awh=aw aww=aw
    awww=aw ahh=ah ahhh=ah oof=ouch eww=ew yay=yay someday=some_day homemade=home_made hometown=home_town
    paycheck=pay_check oops=whoops tonite=tonight nite=night thot=thought favourite=favorite"""
)
"""What a word in lower case stands for. Letters that are spelt out are words of their own."""

AT_START: Final = _pairs("were=we're hell=he'll shell=she'll")
"""Of a sentence, and nowhere else."""
IN_PLACE: Final = (
    (re.compile(r"\br ?(?:&|n|and) ?b\b", re.IGNORECASE), "rhythm and blues"),
    (
        re.compile(
            r"(?<!feel )(?<!am )(?<!was )(?<!be )(?<!get )(?<!so )(?<!got )(?<!fell )\bill\b(?! of)", re.IGNORECASE
        ),
        "I'll",
    ),
    (re.compile(r"\bid\b(?=\s+(?!card|number))"), "I'd"),
    (
        re.compile(
            r"\bits\b(?=\s+(?:an?|the|not|so|been|just|fine|already|really|my|your|our|like|still|too|very|all|also|always|only|kind|"
            r"sort|more|better|pretty|okay|ok|fun|nice|good|great|cool|hard|super|probably|actually|definitely|about|funny|"
            r"going|getting|been|called|because|what|that|way|one|true|crazy|easy|weird|bad|worth|free|hot|cold|in|on|at|"
            r"for|from|no|never|easier|interesting|such|quite|almost|half|when|where|how|\w+ing)\b|\s*[.!?,]|\s*$)",
            re.IGNORECASE,
        ),
        "it's",
    ),
    (re.compile(r"\b(sorry|thanks|yeah|no|oh) its\b", re.IGNORECASE), r"\1 it's"),
)
"""What a lost apostrophe is told by: the words beside it."""

FUNCTION_WORDS: Final = _words(
    """the a an and but or so if of to in on at for with from by as it its it's is are was were be been am do does did
    have has had he she they we you that this these those which who what when where why how my your his her their our
    then than because not just really very too also like about would could should can will there here all some any no
    yes yeah okay well oh"""
)
OPEN_ENDS: Final = _words(
    """the a an and but or so if of to in on at for with from by as is are was were am my your his her their our than
    because that which who like about would could should can will very really"""
)
"""A message that ends in one of these goes on in the next."""
GOES_ON: Final = _words("and but or because which than with to for of in on at if when that cuz bc")
"""A message that begins with one of these in lower case goes on from the one before."""

LAUGHTER: Final = re.compile(
    r"(?:b?a?(?:h+[aeio]+){2,}h*|a?(?:ha+){2,}h*|(?:he){2,}h*|l+o+l+z*s*|(?:lo)+l+s?|lmf?ao+|rofl|lulz?|ha+h*a*|xd+|heh)",
    re.IGNORECASE,
)
"""A whole word that is laughed and not said."""

EMOTICON: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[:;=8xX]['`]*-?[)(DPpOo3/\\|\]\[*$@sS]+|[)(]+-?[:;=]|<3+|</3|\^[_.-]*\^|-_+-|[oO]_+[oO]|>[._]<|T_T|:'+[)(]|"
    r"¯\\?_\(ツ\)_/¯|D:)(?![A-Za-z0-9])"
)

UNFINISHED: Final = re.compile(
    r"\b(?:the|a|an|my|your|our|their|his|of|than|i|and|if|because|very|every|into|whose|just"
    r"|if they|cause|\w+'(?:m|re|ve|ll)|(?:that|it|there|he|she|who|what|here)'s) *[.!?](?!\.)"
    r"|(?:^|[.!?] )(?:for|to|with|at|in|on|from|by|as|is|are|was|were|do|does|be|about|into|than|there|my|or|but)"
    r" *[.!?](?!\.)",
    re.IGNORECASE,
)
"""What no sentence ends in, and words that are none by themselves: a message that was sent in pieces."""
