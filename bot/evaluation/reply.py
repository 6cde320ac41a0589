"""``eval reply``: held-out exchanges and probes through the whole conversation, and figures of it."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from bot.app import App
from bot.evaluation.data import Case, Probe, case_of
from bot.evaluation.declining import labelled_refusals
from bot.evaluation.probes import ask, probe_figures
from bot.evaluation.report import progress, share, write_row
from bot.evaluation.stage import Answer, answered, grounds_of, incoming_of, plant
from core.language import in_language
from core.people import Lang
from core.release import Circumstances, may_show, sentences
from models.text.corpus_data import Row, train_rows

Nats = Callable[[str, str], tuple[float, int]]  # (prompt, reply) -> how unlikely it is, its tokens

_NOT_TEXT: Final = re.compile(r"<\||\|>|https?:|www\.|\[\s*\w[^\]]*:[^\]]*\]", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w']+")


def load_nats(weights: Path, threads: int) -> Nats:
    """The language model of a weights folder, in this process, as a judge. Raises ModelError."""
    from bot.senses import limit_threads
    from bot.weights import offline

    offline()
    limit_threads(threads, torch=True)
    from models.text.engine import TextEngine

    return TextEngine.load(weights / "text").nats


async def evaluate(
    app: App, rows: Sequence[Row], probes: Sequence[Probe], nats: Nats, out: IO[str] | None
) -> dict[str, Any]:
    """The figures of all rows and probes; each is written to ``out``."""
    corpus = train_rows()
    replies = [text for row in corpus for text in (row.reply, row.reworded)]
    trained = {*replies, *(part for reply in replies for part in sentences(reply))}
    labelled = labelled_refusals(corpus)
    done, asked = [], []
    for number, row in enumerate(progress(rows, "rows")):
        done.append(await one_row(app, f"row-{number}", row, nats, trained))
        write_row(out, done[-1])
    for number, probe in enumerate(progress(probes, "probes")):
        asked.append(await ask(app, f"probe-{number}", probe, labelled))
        write_row(out, asked[-1])
    figures = reply_figures(done) if done else {"rows": 0}
    return figures | ({"probes": probe_figures(asked)} if asked else {})


async def one_row(app: App, name: str, row: Row, nats: Nats, trained: Container[str]) -> dict[str, Any]:
    """One held-out row: her reply, the nearest exchange's own reply, and what can be said of hers."""
    case = case_of(row)
    incoming = incoming_of(app, name, case)
    await plant(app, incoming, case)
    grounds = await grounds_of(app, incoming, case)
    unlikely, tokens = await asyncio.to_thread(nats, app.conversation.maker.prompt(grounds), row.reply)
    answer = await answered(app, incoming)
    return {
        **case.given, "reference": row.reply, "reply": answer.reply, "origin": answer.origin,
        "recalled": answer.recalled, "summary": answer.summary,
        "baseline": grounds.near[0].exchange.reply if grounds.near else "",
        "near": [[e.exchange.text, e.exchange.reply, round(e.score, 3)] for e in grounds.near],
        "in language": in_language(answer.reply, row.lang),
        "valid": _valid(answer, Circumstances(row.lang, answer.now, (), row.text)),
        "in corpus": answer.reply in trained,
        "sentences in corpus": [part in trained for part in sentences(answer.reply)],
        "nats": round(unlikely, 3), "tokens": tokens,
    }  # fmt: skip


def _valid(answer: Answer, around: Circumstances) -> bool:
    """No markup of any kind, and what a release asks for; fixed phrases are released as they stand."""
    shown = answer.origin == "phrase" or may_show(answer.reply, around)
    return shown and bool(answer.reply.strip()) and not _NOT_TEXT.search(answer.reply)


def reply_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures of at least one row, as :func:`one_row` makes them."""
    n = len(rows)

    def of_all(name: str) -> float | None:
        return share(sum(bool(row[name]) for row in rows), n)

    remembered = [row for row in rows if row["memory_in"]]
    said = [known for row in rows for known in row["sentences in corpus"]]
    origins = Counter(row["origin"] for row in rows)
    return {
        "rows": n, "held-out reply": perplexity(rows), "language match": of_all("in language"),
        "valid": of_all("valid"), "distinct-1": distinct(rows, 1), "distinct-2": distinct(rows, 2),
        "verbatim in the corpus": of_all("in corpus"),
        "verbatim sentences": share(sum(said), len(said)),
        "origin": {name: share(count, n) for name, count in origins.most_common()},
        "equal to baseline": share(sum(row["reply"] == row["baseline"] for row in rows), n),
        "memory recalled": share(sum(bool(row["recalled"]) for row in remembered), len(remembered)),
    }  # fmt: skip


def perplexity(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of the held-out replies and their ends, over all tokens (and characters) of all rows."""
    unlikely, tokens = sum(row["nats"] for row in rows), sum(row["tokens"] for row in rows)
    characters = sum(len(row["reference"]) for row in rows)
    return {
        "nats per token": round(unlikely / tokens, 3),
        "perplexity per token": round(math.exp(unlikely / tokens), 2),
        "perplexity per character": round(math.exp(unlikely / characters), 3),
    }


def distinct(rows: Sequence[Mapping[str, Any]], n: int) -> dict[str, float | None]:
    """Distinct n-grams of the shown replies by all of them (Li et al., NAACL 2016), for each language.

    Words in English, eojeol in Korean, without case and without marks around them. More rows make it
    smaller: compare figures of equally many.
    """
    out: dict[str, float | None] = {}
    langs: tuple[Lang, ...] = ("ko", "en")
    for lang in langs:
        grams = [
            gram for row in rows if row["lang"] == lang for gram in _grams(_tokens(row["reply"], lang), n)
        ]
        out[lang] = share(len(set(grams)), len(grams))
    return out


def _tokens(reply: str, lang: Lang) -> list[str]:
    if lang == "en":
        return _WORD.findall(reply.lower())
    stripped = (re.sub(r"^\W+|\W+$", "", eojeol) for eojeol in reply.lower().split())
    return [eojeol for eojeol in stripped if eojeol]


def _grams(tokens: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


async def answer_all(app: App, cases: Sequence[Case], out: IO[str] | None) -> dict[str, Any]:
    """Her replies to lines that people brought, each written beside its line; how many there are."""
    for number, case in enumerate(progress(cases, "replies")):
        incoming = incoming_of(app, f"line-{number}", case)
        await plant(app, incoming, case)
        answer = await answered(app, incoming)
        write_row(out, {
            **case.given, "reply": answer.reply, "lang": answer.lang, "origin": answer.origin,
            "recalled": answer.recalled, "summary": answer.summary,
        })  # fmt: skip
    return {"rows": len(cases)}
