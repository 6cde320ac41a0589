"""What a message takes back in the same breath: "18 is what I said, but I'm 16", "목포라 하는데 사실 해남".

The value that is taken back is nobody's fact any more; what stands in its place may be one.
"""

from __future__ import annotations

import re
from typing import Final

from core.naming import words

_VALUE: Final = r"(?P<v>[가-힣A-Za-z0-9]{1,12}?)(?:이)?"
_REALLY_EN: Final = r"(?:actually|really|honestly|technically|in\s+fact|in\s+truth|the\s+truth|it'?s|i'?m|i\s+am|i\s+was|my\s+\w+\s+is|that\s+was)"
_TAKEN_BACK: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\S){_VALUE}라고?\s?(?:한|했던|말한|말했던|적은|쓴|그런|알려준|대답한)\s?(?:거|건|것|게|나이)(?![가-힣]{{2}})",
        rf"(?<!\S){_VALUE}라고?\s?(?:하|말하|대답하|그러|둘러대|했|말했|그랬)(?:는데|었는데|지만|더니|긴\s(?:하는데|한데|했는데))\s.{{0,30}}?(?:사실|실은|실제|알고\s?보니|정확히)",
        rf"(?:세는|한국)\s?나이로?(?:는|은|론)?\s{_VALUE}(?:고|인데|지만|[,.])?\s.{{0,20}}?만\s?(?:나이|으로)",
        r"(?<!\S)(?P<v>[가-힣0-9]{1,12}?)(?:이야|야|임|이에요|예요|입니다|인데)?[,.~!ㅋㅎ]*\s(?:아\s?아니다|아니아니|아\s?아니지|아차|아\s?정정)",
        rf"\bi\s+(?:(?:just|always|usually|once|first)\s+)?(?:said|say|told|tell|wrote|typed)(?:\s+(?:you|u|people|everyone|everybody|them))?(?:\s+(?:i\s+(?:was|am)|i'?m|it\s+was|it'?s|my\s+\w+\s+(?:is|was)|from|that))*\s+(?P<v>[\w' ]{{1,20}}?)\s*(?:,\s*|\s)(?:(?:but|though|tho|except)\s+{_REALLY_EN}|actually|technically)\b",
        r"\b(?P<v>[\w']{2,20}),?\s+(?:no\s+wait|wait\s+no|oops|scratch\s+that|correction)\b",
    )
)  # fmt: skip


def retracted(value: str, message: str) -> bool:
    """Whether a message says of a value that this was only said, and what is so instead."""
    if not any(form.search(message) for form in _TAKEN_BACK):
        return False
    mine = _matter(value)
    return any(mine <= _matter(found["v"]) for form in _TAKEN_BACK for found in form.finditer(message))


def _matter(text: str) -> set[str]:
    return {*(words(text) or text.casefold().split())}
