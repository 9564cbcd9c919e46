"""What a turn of written chat must not hold, as patterns over the message as typed. Lists of the house's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final


def _any(words: str) -> re.Pattern[str]:
    """Whole words, in any case; ``*`` at the end stands for any ending, ``_`` for a space.

    Those that begin with the same letter stand behind one look at it: they are found three times as fast.
    """
    found = [re.sub(r"(?<=[\w)])\*$", r"\\w*", word).replace("_", r"\s+") for word in words.split()]
    by_letter: dict[str, list[str]] = {}
    for word in found:
        by_letter.setdefault(word[0] if word[0].isalpha() and word[1:2] not in ("?", "*") else "", []).append(word)
    groups = [(f"(?={letter})" if letter else "") + f"(?:{'|'.join(group)})" for letter, group in by_letter.items()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)})(?!\w)", re.IGNORECASE)


RUDE: Final = _any(
    """(?:\\w*)fuck* (?:\\w*)shit* bitch* bastard* asshole* ass asses dumbass* badass* a-hole* cunt* dick dicks cock
    cocks pussy pussies whore* slut* fag* gay gays lesbian* homo homos nigg* negro* retard* tits titties boob*
    penis* vagina* porn* nude* naked sex* horny orgas* masturbat* condom* rape* rapist* raping suicid* kill_yourself
    kms kys murder* stab* nazi* hitler* holocaust* terroris* molest* pedo* incest* hooker* prostitut* stripper* weed
    marijuana cocaine heroin meth drunk* wtf stfu omfg fml lmfao af milf thot thots bang_you hook_up hooking_up
    make_out making_out sugar_daddy sugar_baby jerk_off pissed piss damn* goddamn* dammit bloody_hell screw_you
    hate_you jew jews jewish muslim* islam* isis racis* racist* sexis* abortion* shoot_you kill_you your_mom yo_mama
    ur_mom dead_body twerk* creep creeps creeper* creepy stalk* molly lsd shrooms crap crappy fart* poop* pee peed
    peeing butt butts turd* puke* vomit* threw_up diarrhea anus hell shut_up idiot* moron* loser* stupid* dumb*
    ugly* imbecile* sucker* douche* scum heck_off are_you_a_(?:girl|boy|guy|dude|woman|man|male|female|chick|lady)
    a_(?:girl|boy)_or you_single i\'?m_single date_me marry_me boy_or guy_or girl_or hot_(?:girl|guy|boy)s? flirt*
    booty sugar_tits seduc* they_suck people_suck we_suck mak(?:e|ing)_love one_night screw_off suck_it you_suck
    trash_talk d.mn f.ck sh.t sh\\*t f\\*+k b\\*+ch trump hillary republican* democrat* shooting shooter* genocide
    slave* slavery bleeding"""
)
EXPERIMENT: Final = _any(
    """bot bots robot robots cleverbot turk mturk hit hits chit-?chat* chit_chat* chat chats (?:chat)bots? chatted
    chatting chatter* chatroom* challenge* leaderboard* leader_board* points rating* rate rated rates upbeat witty
    interesting_person prompt prompts the_question this_question random_question* the_topic this_topic topic topics
    competition* contest* compete* competing competitor* raffle* prize prizes win winner winners winning ipad*
    macbook* airpod* airpods gift_card* amazon_card* anonymous* matched match my_partner new_partner partner
    partners ghost ghosted ghosting typo typos type typed types typing autocorrect* spell* spelt misspell* caps
    caps_lock keyboard* emoji* emoticon* message messages messaged messaging msg msgs text texts texted texting
    reply replied replying replies respond* response* profile* username* user_name screen_name* site website*
    webpage* web_page this_thing refresh* disconnect* reconnect* connection log_in log_out logged log_on log_off
    logging login survey* the_study experiment* research_project turing real_person real_human are_you_human a_human
    human humans are_you_real algorithm* artificial_intelligence ai ais siri alexa cortana still_there you_there
    anyone_there anybody_there are_you_there u_there hello\\? hello\\?+ end_the_convers* this_convers* convers*
    convo convos copy copied paste pasted paragraph* beta glitch* bug bugs lag lagging laggy afk brb gtg g2g ttyl
    go_now stranger strangers read_my read_that scroll* online offline internet timer tab tabs button* click* font
    wrong_person other_person other_people talking_to exit leave_the left_the closed close_the nice_name
    slow_response notification* spam* reddit troll* trolling sorry_for_the_delay took_so_long hashtag* meme memes
    broken hear_me meet_again you_again see_any froze frozen loading comma commas everywhere truffle* question
    questions asked_you an_answer particip* don\'?t_leave be_right_back right_back bubbles broke_it new_here
    back_again hello_again talk_again talk_later nice_talking good_talking chat_again someone_else somebody_else
    are_you_back i\'?m_back how_many_people moderator* volunteer* this_program this_project on_here on_this in_here
    new_person someone_new another_person can\'?t_see the_program for_this speaking_with talking_with met_you
    already_talked talked_to your_english my_english grammar conv sup_dude who_is_this who's_this whos_this boring
    boredom responses two_people 2_people next_person incoming hackers hacker hack hacked coder coders nerd_talk
    question_of new_question anyone_else anybody_else (?:people|someone|anyone)_to_talk
    (?:anyone|anybody|somebody|someone|nobody)_on else_is_on still_on be_back back_real_quick a_pleasure
    pleasure_(?:talking|meeting|to) mac_(?:pro|book|mini|laptop)s? macs imac* new_mac extra_credit ice-?breaker*
    ice_breaker* who_are_you\\s*\\? who_am_i do_i_know_you do_we_know know_each_other have_we_met we_met
    random_(?:person|people|stranger*) (?:want|like|need|love)_to_talk_about (?:something|things|stuff|what)_to_talk
    keep_talking stop_talking your_turn my_turn same_person the_last_person last_guy sign(?:ed|ing)?_(?:in|on|out)
    to_win first_time_(?:on|doing) try_this this_out brings_you using_this doing_this i_(?:can_)?see_you
    are_you_wearing (?:mil|million)_(?:away|behind|points) catch_up_(?:to|with) not_(?:answering|responding)
    hey_again go_ham why_are_you_(?:here|up) welcome_back what_were_we were_we_talking allowed_to the_rules
    exact_rules identify (?:first|second|third|last)_place in_the_lead pass_(?:him|her|them|you)
    top_(?:ten|five|three|10|5|3) hear_your can't_hear here_instead (?:that|it|this)_send (?:that|it)_sent
    sent_(?:that|it|twice) sent_like distracted change_the_subject new_subject introduce_(?:yourself|myself)"""
)
PERSONAL: Final = re.compile(
    r"\S@\S|@\w|https?:|www\.|\w\.(?:com|org|edu|net|gov|io|co)\b|(?:\d[\s().-]*){7,}|#\d|\d{5,}|"
    + _any(
        """phone_number* my_number your_number ur_number snapchat* snap snaps insta instagram* facebook* fb twitter*
    tweet* discord* gmail* email* e-mail* linkedin* tinder whatsapp* venmo* add_me follow_me friend_me my_name
    your_name ur_name name\\'?s name_is names call_me called_me real_name last_name first_name full_name address
    addresses zip_code social_security credit_card password* netid net_id student_id my_id mutual
    apartment_number room_number your_number what\\'?s_your_major whats_ur_major"""
    ).pattern,
    re.IGNORECASE,
)
PLACE: Final = _any(
    """byu-?[a-z]+ brigham* cougar* coug* provo orem lehi rexburg slc salt_lake* uvu suu usu utes logan st_george byui
    byuh helaman* heleman* heritage* deseret timp* tmcb marb jsb jkb hbll wilk wilkinson tanner_building talmage
    cannon_center creamery devotional* mormon* lds ysa fhe mtc efy rm rms ward wards bishop* mission missions
    missionar* temple temples stake relief_society book_of_mormon d&c general_conference conference_talk scripture*
    church churches sacrament prophet* elder elders jesus christ god gods lord pray* prayer* bible religio* faith
    baptis* gospel utah* apt apts liberty_\\w+ raintree glenwood the_village heritage pluralsight adobe cs_?\\d+
    is_?\\d+ it_?\\d+ pdbio* [a-z]{2,5}_?[1-4]\\d\\d dr\\.?_\\w+ professor_\\w+ prof_\\w+ mr\\.?_\\w+ mrs\\.?_\\w+
    brother_\\w+ sister_[A-Z]\\w+ bro_[A-Z]\\w+ high_school_in go_cougs jones fulda wingate seminar(?:y|ies)
    tith(?:e|es|ing) heaven* hallelujah worship* holy_(?:ghost|spirit|land) satan* devil* sin sins sinner* pastor*
    priest* hymn* catholic* christian* protestant* buddh* hindu* atheis* agnostic* preach* sermon* zion* nephi*
    moroni* saints latter-?day* latter_day* sabbath* eternal* eternity testimon* convert_to covenant* resurrect*
    young_(?:womens|women's|mens|men's) family_home_evening returned_missionary spiritual* blessing* bless
    sunday_school creation angels"""
)
HEALTH: Final = _any(
    """anxiety depress* dyslexi* adhd ocd ptsd autis* bipolar therap* counselor psychiatr* medication* meds cancer*
    tumor* surger* disease* disorder* diabet* miscarriage pregnan* allerg* hospital* died dead death dying funeral*
    killed divorc* disab* passed_away deceased lung lungs asthma* seizure* epilep* migraine* chemo* arthritis
    scoliosis inhaler* diagnos* celiac anorex* bulimi* heart_attack* blood_pressure chronic* transplant* wheelchair*
    overdos* minorit* ethnic* caucasian* hispanic* latin[oa]s? native_american* black_(?:people|person|guy|girl)s?
    white_(?:people|person|guy|girl)s? asians adopted_from mental* panic_attack* concussion* filipin*
    (?:i\'?m|are_you|you\'?re)_(?:half|part|asian|black|white|mexican|hispanic|african)"""
)
_AGES: Final = "(?:1[2-9]|[2-6]\\d|twenty(?:[-_](?:one|two|three|four|five|six|seven|eight|nine))?|" + "|".join(
    ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "thirty")
) + ")"  # fmt: skip
BIRTH: Final = _any(
    "born birthday* birth_day years_old year_old yrs?_old y/o how_old social_security grew_up_in same_age what_age"
    " my_(?:early_|late_|mid_|mid-)?(?:teens|twenties|thirties|20s|30s)"
    f" (?:i'?m|i_am|i_was|he's|she's|turn(?:ed|ing|s)?)_(?:only_|just_|already_|like_|about_|almost_)?{_AGES}"
    "(?!\\s*(?:%|percent|min|hour|hr|mile|credit|day|week|month|page|point|feet|foot|pound|lb|buck|dollar|people|episode))"
)
POLITICS: Final = _any(
    """politic* conservative* liberal liberals democrat* vote votes voted voting voter* election* elected obama*
    clinton* bernie congress* senat* immigra* gun guns nra feminis* pro-?life pro-?choice communis* socialis*
    capitalis* left_wing right_wing protest protests protesting putin biden lgbt* transgender* refugee* welfare
    government_is war_on"""
)
COURTSHIP: Final = _any(
    """babe babes hottie* attracted attractive pick-?up_line* pick_up_line* (?:ask|asks|asked|asking)_me_(?:out|on)
    hit_on hitting_on we_should_(?:\\w+_){0,3}date on_a_date_with_(?:me|you) date_with_you wife_material
    find_a_(?:wife|husband|man|boyfriend|girlfriend)
    (?:you're|you_are|ur|youre)_(?:so_|pretty_|really_|very_)?(?:cute|hot|gorgeous|beautiful|handsome) i_love_you
    kiss kissed kissing i_want_a_(?:boy|man|girl|woman|guy|boyfriend|girlfriend) my_soulmate"""
)
_GIVEN: Final = """adam alex alexis alice alyssa amanda amber amy andrea andrew angela anna annie
    anthony ashley austin barbara
    becca ben benjamin beth bethany bradley brandon brenda brett brian brianna brittany brody brooke bryan caleb
    cameron carl carly caroline catherine chad charlotte chase chelsea chloe chris christian christina christine
    christopher claire cody cole colin connor corey courtney craig daniel danielle dave david derek devin diana
    dylan edward elena eli elijah elizabeth ella emily emma eric erica erin ethan eva evan fernando gabe gabriel
    gary george greg gregory hailey haley hannah heather helen henry holly hunter isaac isabella jackson jacob
    jake james jamie jared jasmine jason jay jeff jeffrey jen jenna jennifer jenny jeremy jesse jessica jessie
    jill jim jimmy joanna joe joel john johnny jon jonah jonathan jordan jose joseph josh joshua juan julia
    julian julie justin kaitlyn karen kate katelyn katherine kathryn katie kayla keith kelly kelsey ken kenny
    kevin kim kimberly kristen kristin kyle landon larry laura lauren leah leo levi liam lily linda lindsay
    lindsey lisa logan lucas lucy luis luke mackenzie madeline madison maddie maria marie marissa mary mason
    matt matthew max megan melanie melissa mia michael michelle miguel mike mindy miranda molly monica morgan
    natalie natasha nate nathan nathaniel nicholas nick nicole noah oliver olivia ollie oscar paige parker
    patrick paul paula peter phil philip phillip rachel raymond rebecca richard ricky rob robert robin ron ross
    ryan sam samantha samuel sandra sara sarah savannah scott sean sebastian seth shannon shawn shelby sophia
    sophie spencer stacy stanley stephanie stephen steve steven sydney tanner tara taylor thomas tiffany tim
    timothy todd tom tommy tony tracy travis trevor tyler vanessa veronica victor victoria vincent wesley
    whitney wyatt zach zachary zack zoe abby abigail aaron"""
GIVEN_NAMES: Final = _any(_GIVEN)
GREETED: Final = re.compile(
    r"\b(?:[Hh]i|[Hh]ey|[Hh]ello|[Tt]hanks|[Bb]ye|[Ss]up|[Yy]o|I'm|[Ii]m|[Ii] am),? "
    r"(?!I\b|I'|No\b|Not\b|Yes|What|How|Good|Sorry|Do\b|Are|Is\b|The\b)[A-Z][a-z]+\b"
)
FOREIGN: Final = _any(
    """que de la el los las una como estas esta soy eres muy bien bueno hola gracias por para pero si donde cuando
    tu mi je suis est les des une vous nous tres bonjour merci oui pas avec ich bin ist und nicht das der die du
    wie geht gut danke voce nao sim obrigado ni hao wo shi ma desu watashi konnichiwa espanol hablas hablo
    francais"""
)

TURN_RULES: Final[Mapping[str, re.Pattern[str]]] = {
    "personal data": PERSONAL,
    "a person's given name": GIVEN_NAMES,
    "somebody greeted by name": GREETED,
    "birth and age": BIRTH,
    "health, death and descent": HEALTH,
    "politics": POLITICS,
    "courtship": COURTSHIP,
    "the writers' school, church and place": PLACE,
    "the experiment and its medium": EXPERIMENT,
}
