"""``python bot.py memory reembed``: look after what is remembered."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot import exits
from bot.settings import Settings

if TYPE_CHECKING:
    from db.reembedding import Done, Encode, Model

_EXAMPLES = "example:\n  python bot.py memory reembed"
_REEMBED = """examples:
  OHLORA_EMBED_MODEL=/models/granite python bot.py memory reembed
  python bot.py memory reembed --json

For after a change of the sentence model: facts with vectors of another model or length, or with none, are
found by their words only until they have a new one. Start her with the new model first, then run this with
the same settings; she may go on talking. Interrupted, it goes on where it was when it is run again.
Exit codes: 1 the database cannot be used, or some facts are left; 78 the sentence model is missing.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its sub-command."""
    parser = subparsers.add_parser("memory", help="look after what is remembered", epilog=_EXAMPLES)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    about = "make new vectors for facts that have none of the present sentence model"
    made = actions.add_parser("reembed", help=about, description=f"{about.capitalize()}.", epilog=_REEMBED)
    made.add_argument("--json", action="store_true", help="print the result as JSON")
    made.set_defaults(run=reembed)


def reembed(args: argparse.Namespace, settings: Settings) -> int:
    """Make the vectors; the exit code."""
    from bot.checks import sentence_model
    from bot.commands.db import bar
    from bot.weights import MEND
    from core.errors import ModelError, StoreError
    from db.reembedding import Model

    try:
        if not asyncio.run(_facts(settings)):
            print(
                json.dumps({"written": 0, "changed": 0, "left": 0}) if args.json else "There are no facts yet"
            )
            return exits.OK
        with bar("loading the sentence model"):
            model_id, encode = sentence_model(settings)
            model = Model(model_id, len(encode(["안녕"])[0]))
        done = asyncio.run(_reembed(settings, model, encode))
    except ModelError as err:
        theirs = "name a folder with a sentence-transformers model in OHLORA_EMBED_MODEL, or unset it"
        mend = theirs if settings.embed_model else MEND
        print(f"The sentence model cannot be used: {err}\nTo mend it: {mend}", file=sys.stderr)
        return exits.CONFIG
    except StoreError as err:
        again = "what was written stays; run it again to go on"
        print(f"{settings.database_name}: {type(err).__name__}: {err} ({again})", file=sys.stderr)
        return exits.FAILED
    out = {"model": model.id, "dimensions": model.dim, **asdict(done)}
    said = f"{done.written} facts have a new vector of {model.id}; {done.left} lack one"
    print(json.dumps(out) if args.json else said)
    return exits.FAILED if done.left else exits.OK


async def _facts(settings: Settings) -> int:
    """How many facts there are, in a database of the newest form. Raises StoreError."""
    from db.engine import Database
    from db.migrate import upgrade
    from db.reembedding import Model, coverage

    await upgrade(settings.database_address, busy_timeout_ms=settings.busy_timeout_ms)
    async with Database(settings.database_address, settings.busy_timeout_ms) as database:
        return (await coverage(database, Model("", 0))).facts


async def _reembed(settings: Settings, model: Model, encode: Encode) -> Done:
    from bot.commands.db import bar
    from db.engine import Database
    from db.reembedding import reembed

    async with Database(settings.database_address, settings.busy_timeout_ms) as database:
        with bar("vectors") as progress:
            return await reembed(database, model, encode, progress)
