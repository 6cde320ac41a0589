"""English sentences that tell a fact by their form: the key, and the words around its value ``v``."""

from __future__ import annotations

import re
from typing import Final

from core.telling_ko import Frame

_BE: Final = r"(?:i'?m|i\s+am)(?:\s+(?:just|still|actually|originally|currently|now|really|also|a\s+bit|so))*"
_NOT_IT: Final = re.compile(
    r"(?:it|that|this|them|him|her|you|u|me|when|how|to|the\s+(?:way|fact|idea)|these|those|what|where|being|my\s+life|everything|nothing|one)\b.*|.*\b(?:is|are|was|when|because|that)\b.*",
    re.IGNORECASE,
)
_NOT_A_PLACE: Final = re.compile(
    r"(?:a|an|my|our|the|this|that|another|his|her|their|your|fear|tears|peace|hope|hell|constant|sweatpants|pajamas|denial|here|there|love|trouble|bed|pieces|new|different|next|bigger|it)\b.*",
    re.IGNORECASE,
)
_PLACE: Final = r"(?P<v>(?:[A-Za-z][\w'-]+)(?:,?\s(?!(?:now|rn|with|and|but|since|for|as|so|because|btw|these|last|this|yesterday|today|next|lol|to|in|at|on|by|where|which|who|alone|i|it|too|tho|though|right|currently|atm|after|from|until|till)\b)[A-Za-z][\w'-]+){0,2})"
_TAIL: Final = r"(?=\s*(?:[,.!;:)]|$|\b(?:and|but|so|now|rn|with|since|for|because|btw|these|lol|at|on|too|tho|though|as|to|in|every|when|who|which|by|this|last|right|currently|atm|it|is|are)\b))"
_THING: Final = r"(?P<v>(?:[a-z][\w'-]*\s){0,3}?[a-z][\w'-]*)" + _TAIL
_JOBS: Final = (
    r"(?:[a-z]+\s){0,2}?(?:nurse|teacher|student|doctor|chef|cook|clerk|pilot|guide|lawyer|engineer|programmer|developer|designer|writer|driver|farmer|painter|photographer|barista|waiter|waitress"
    r"|cashier|manager|accountant|dentist|pharmacist|scientist|artist|musician|pianist|journalist|therapist|receptionist|librarian|electrician|technician|physician|mechanic|plumber|carpenter"
    r"|surveyor|actor|actress|translator|professor|tutor|editor|illustrator|architect|consultant|assistant|analyst|researcher|lecturer|firefighter|policeman|officer|soldier|sailor|baker"
    r"|hairdresser|lifeguard|welder|nanny|vet|paramedic|surgeon|psychologist|biologist|chemist|economist|trainee|intern|freelancer|youtuber|streamer|coach|trainer|salesman|seller|cleaner)"
)
_INSTRUMENT: Final = r"(?:(?:electric|acoustic|bass)\s)?(?:guitar|piano|bass|drums?|violin|cello|flute|ukulele|harmonica|saxophone|sax|trumpet|clarinet|viola|harp|keyboard|banjo|mandolin|accordion|oboe|tin\s+whistle|fiddle)"
_MONTH: Final = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
_DATE: Final = rf"(?P<v>(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}|{_MONTH}\.?\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?)"
_KINDS: Final = r"(?P<kind>food|dish|snack|colou?r|season|movie|film|music|band|song|game|subject|dessert|meal|cuisine|genre|singer)"
NO_NAME: Final = re.compile(
    r"(?:\w+ing|\w+ed|\w+ly|tired|sad|happy|sorry|fine|good|great|ok|okay|back|here|home|hungry|sick|late|new|not|so|very|just|still|really|also|too|in|at|on|from|a|an|the|my|your|busy|free|ready"
    r"|sure|glad|afraid|alone|angry|mad|lost|done|off|up|down|out|korean|american|german|italian|canadian|indian|mexican|russian|brazilian|australian|european|asian|african|french|spanish|japanese"
    r"|chinese|english|irish|scottish|british|dutch|welsh|polish|swedish|danish|turkish|finnish|vietnamese|thai|vegan|vegetarian|single|married|gay|bi|trans|straight|pregnant|human|male|female|guilty|broke"
    r"|awake|asleep|stuck|sober|drunk|old|young|tall|short|cold|hot|warm|ill|well|better|worse|bad|dead|alive|all|dying|like|into|going|gonna|over|under|more|less|no|yes|none|no|now|never|always|about"
    r"|what|who|how|why|where|when|that|this|it|one|cool|chill|down|nice|weird|proud|jealous|nervous|anxious|lonely|sleepy|healthy|shy|lazy|muslim|christian|catholic|jewish|buddhist|atheist|infp|enfp|left|right)",
    re.IGNORECASE,
)
_DAILY: Final = re.compile(
    r"(?:my|the|a|an|some|all|any|going|getting|having|being|doing)\b.*", re.IGNORECASE
)


def _frame(
    key: str, form: str, never: re.Pattern[str] | None = None, *, exact: bool = False
) -> Frame:  # fmt: skip
    return Frame(key, re.compile(form, 0 if exact else re.IGNORECASE), None, never)


FRAMES: Final = (
    _frame("name", r"\b(?:my\s+name\s*(?:'s|is)|name's|call\s+me|i\s+go\s+by)\s+(?P<v>[A-Za-z][\w'-]{1,15})\b", NO_NAME),
    _frame("name", r"(?:^|[.!,]\s*|\b(?:[Hh]i|[Hh]ello|[Hh]ey)\b\W*)(?:I'm|I am|i'm|i am|im|Im)\s(?P<v>[A-Z][a-z]{1,14})(?=[\s,.!]*$|[,.!]|\s(?:and|from|by)\b)", NO_NAME, exact=True),
    _frame("name", r"\bi'?m\s(?P<v>[a-z]{2,14})(?=,\s*(?:(?:and\s)?i'?m\s)?\d{2}\b)", NO_NAME),
    _frame("age", rf"\b{_BE}\s+(?P<v>\d{{1,2}}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:six|seven|eigh|nine)teen)(?:\s+(?:years?\s+old|yo|now|today|btw|already|and|so)\b|\s*$|\s*[,.!])"),
    _frame("age", r"^\W*(?P<v>\d{1,2})\s+years?\s+old\b"),
    _frame("age", r"(?:^\W*|\bi(?:'ve)?\s+)(?:just\s+|finally\s+|officially\s+)*turned\s+(?P<v>\d{2})\b(?!\s*(?:%|degrees|pages))"),
    _frame("birthday", rf"\bmy\s+birthday\s*(?:is|'s|falls)\s+(?:on\s+)?{_DATE}"),
    _frame("birthday", rf"\bi\s+was\s+born\s+on\s+{_DATE}"),
    _frame("birthday", rf"\b{_DATE}\s+is\s+my\s+birthday"),
    _frame("birthday", rf"\bi(?:'ll\s+be|'m\s+turning|\s+turn|\s+will\s+be|'m\s+going\s+to\s+be)\s+\d{{1,2}}\s+on\s+{_DATE}"),
    _frame("lives in", rf"\b(?:i|we)\s+(?:currently\s+|now\s+|still\s+|both\s+)?live\s+in\s+{_PLACE}", _NOT_A_PLACE),
    _frame("lives in", rf"(?:^|\b(?:i'?m|i\s+am|we're|been)\s+)(?:currently\s+|now\s+)?(?:living|based)\s+in\s+{_PLACE}", _NOT_A_PLACE),
    _frame("lives in", rf"\b(?:(?:i|we)|(?:i|we)'?ve|(?:i|we)\s+have)\s+(?:just\s+|finally\s+|recently\s+|actually\s+)*moved\s+(?:here\s+)?(?:back\s+|over\s+|out\s+|up\s+|down\s+)?to\s+{_PLACE}", _NOT_A_PLACE),
    _frame("hometown", rf"\b(?:{_BE}\s+from|i\s+grew\s+up\s+in|i\s+was\s+born\s+in|my\s+hometown\s+is|i\s+come\s+from|^home\s+is)\s+{_PLACE}", _NOT_A_PLACE),
    _frame("job", rf"\b{_BE}\s+an?\s+(?P<v>{_JOBS})\b(?!\s+(?:of|at\s+heart|today|tomorrow|tonight|now\s+lol|appointment|visit)\b)"),
    _frame("job", r"\bi\s+work\s+as\s+an?\s+(?P<v>[a-z]+(?:\s[a-z]+)?)" + _TAIL),
    _frame("job", r"^\W*(?P<v>[a-z]+(?:\s[a-z]+)?)\s+by\s+trade"),
    _frame("workplace", r"\bi\s+work\s+(?:at|in|for)\s+(?:an?\s+|the\s+)?" + _THING, re.compile(r"(?:home|night|the|a|an|hard|shifts?|days?|weekends?|mornings?|it|peace|teams?|hours?|minutes?|\d.*)\b.*", re.IGNORECASE)),
    _frame("major", r"\b(?:i\s+(?:study|major\s+in)|i'?m\s+(?:studying|majoring\s+in)|my\s+major\s+is)\s+" + _THING, re.compile(r"(?:for|in|at|hard|all|every|with|too|late|abroad|a\s+lot|my|the|that|it|so|until|till|tonight|now|like|more|better|from|on)\b.*", re.IGNORECASE)),
    _frame("grade", rf"\b{_BE}\s+(?:an?\s+|in\s+)?(?P<v>(?:college\s+|high\s+school\s+)?(?:freshman|sophomore)|\w+\s+grader|\d(?:st|nd|rd|th)\s+grade|(?:college|high\s+school)\s+(?:junior|senior)|year\s+\d{{1,2}})\b"),
    _frame("MBTI", r"(?<![\w'])(?P<v>[ei][ns][tf][jp])(?![\w'])"),
    _frame("partner", r"\b(?:i\s+have|i've\s+got|i\s+got)\s+a\s+(?P<v>girlfriend|boyfriend|wife|husband|fianc[eé]e?)\b"),
    _frame("partner", r"\bmy\s+(?P<v>(?:girlfriend|boyfriend|wife|husband|partner)(?:'s\s+name\s+is|\s+is\s+called|\s+is\s+named)\s+[A-Za-z]+)"),
    _frame("pet", r"\bi\s+(?:have|own|adopted|(?:'ve\s+)?got)\s+(?:a|an|two|three|\d)\s+(?P<v>(?:[a-z]+\s)?(?:dogs?|cats?|puppy|kitten|hamster|rabbit|bunny|parrot|turtle|goldfish|guinea\s+pigs?|lizard|ferret|budgie|poodle|retriever|corgi))\b"),
    _frame("pet's name", r"\b(?:my|our)\s+(?:dog|cat|puppy|kitten|hamster|rabbit|parrot|turtle|pup|kitty)\s*(?:'s\s+name\s+is|is\s+(?:called|named)|'s\s+called|,?\s(?=[A-Z]))\s*(?P<v>(?-i:[A-Z])\w{1,14}|(?<=name\sis\s)\w+|(?<=called\s)\w+|(?<=named\s)\w+)"),
    _frame("instrument", rf"\bi\s+(?:also\s+|still\s+|can\s+)?play\s+(?:the\s+|a\s+)?(?P<v>{_INSTRUMENT})\b"),
    _frame("allergy", rf"\b(?:{_BE}|still|{_BE}\s+(?:very\s+|super\s+|deathly\s+|highly\s+|also\s+)?)?\ballergic\s+to\s+(?P<v>[a-z]+(?:\s(?!(?:and|but|so|since|as|btw|too|tho|anymore|any|now|which|that|it|in|if|when|by|because|actually|lol)\b)[a-z]+)?)"),
    _frame("allergy", r"\b(?:it|that)'?s\s+(?P<v>[a-z]+(?:\s[a-z]+)?)\s+(?:that\s+)?(?:i'?m|i\s+am)\s+allergic\s+to\b"),
    _frame("allergy", r"\b(?:i\s+have|i've\s+got)\s+an?\s+(?:\w+\s)?(?P<v>[a-z]+)\s+allergy\b"),
    _frame("hobby", r"\bmy\s+(?:main\s+|only\s+|favou?rite\s+|new\s+)?hobby\s*(?:is|'s)\s+" + _THING, _NOT_IT),
    _frame("learning", r"\b(?:i'?m|been|also|i\s+am|started|i've\s+been)\s+(?:also\s+)?learning\s+(?:how\s+)?(?:to\s+)?" + _THING, re.compile(r"(?:a\s+lot|so|that|how|from|it|about|more|new|my|the|things)\b.*", re.IGNORECASE)),
    _frame("learning", r"\b(?:started|taking|take)\s+(?P<v>[a-z]+\s(?:lessons|classes))"),
    _frame("watching", r"\b(?:i'?m|i've\s+been|been|started)\s+(?:re)?watching\s+(?:a\s+|the\s+|an\s+|some\s+)?" + _THING, re.compile(r"(?:it|you|tv|videos|them|him|her|my|that|this|people|too|out|over)\b.*", re.IGNORECASE)),
    _frame("favorite", rf"\bmy\s+(?:absolute\s+|all\s+time\s+)?favou?rite\s+{_KINDS}\s*(?:is|'s|are)\s+(?:the\s+|definitely\s+|probably\s+|a\s+)?(?P<v>[a-z][\w'-]*(?:\s(?!(?:and|but|so|because|btw|lol|it|since|for|by|with|when)\b)[a-z][\w'-]*){{0,2}})"),
    _frame("favorite", rf"(?:^|[,.!]\s*)(?P<v>[a-z][\w'-]*(?:\s[a-z][\w'-]*)?)\s*(?:is|'s|are)\s+(?:definitely\s+)?my\s+(?:absolute\s+)?(?:favou?rite\s+)?{_KINDS}", re.compile(r"(?:that|this|it|what|which|here|there|these|those|she|he|who)\b.*", re.IGNORECASE)),
    _frame("likes", r"\bi\s+(?:(?:really|absolutely|just|also|so|totally|kinda|still)\s+)*(?:love|like|adore|enjoy)\s+" + _THING, _NOT_IT),
    _frame("dislikes", r"\bi\s+(?:(?:really|absolutely|just|also|so|totally|kinda|still)\s+)*(?:hate|dislike|can'?t\s+stand|can'?t\s+bear)\s+" + _THING, _NOT_IT),
    _frame("dream", r"\bmy\s+dream\s+(?:job\s+)?is\s+(?:to\s+(?:be(?:come)?\s+)?)?(?:an?\s+|the\s+)?(?P<v>[a-z][\w'-]*(?:\s[a-z][\w'-]*){0,4})", re.compile(r"(?:over|dead|gone|so|that|not|too|kinda)\b.*", re.IGNORECASE)),
    _frame("goal", r"\bmy\s+(?:main\s+|new\s+)?goal\s+(?:this\s+year\s+|for\s+\w+\s+\w+\s+)?is\s+(?:to\s+)?(?:an?\s+|the\s+)?(?P<v>[a-z\d][\w'-]*(?:\s[a-z\d][\w'-]*){0,4})", _NOT_IT),
)  # fmt: skip
KINDS: Final = {
    "food": "food", "dish": "food", "snack": "food", "dessert": "food", "meal": "food", "cuisine": "food",
    "color": "color", "colour": "color", "season": "season", "movie": "movie", "film": "movie", "music": "music",
    "band": "music", "song": "music", "genre": "music", "singer": "music", "game": "game", "subject": "subject",
}  # fmt: skip
