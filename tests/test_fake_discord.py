"""The fake Discord is true enough: an unmodified discord.py meets in it what it meets in the real one."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Self

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.fake_discord import Channel, FakeDiscord, Guild, Intent, Permission, User, redirect
from tests.fake_discord.changes import Changes
from tests.fake_discord.model import Json
from tests.fake_discord.sessions import Session

ROOT = Path(__file__).resolve().parents[1]
PICTURE = bytes(range(256)) * 40
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


ECHO_BOT = """
import sys, discord
client = discord.Client(intents=discord.Intents(guilds=True, guild_messages=True))
@client.event
async def on_message(message):
    if message.author != client.user:
        await message.channel.send(message.content)
client.run(sys.argv[1], log_handler=None)
"""


class Client(discord.Client):
    """discord.py's client, which does not rest between two identifies, and notes what it sees."""

    def __init__(self, intents: discord.Intents = INTENTS, **options: Any) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.1, **options)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[discord.Message] = []
        self.happened: list[str] = []
        self.changes = Changes()
        self.on_seen: Callable[[discord.Message], Awaitable[object]] | None = None

    async def sees(self, what: Callable[[], object]) -> None:
        """Waits for something on the client's side, of which the fake knows nothing."""
        await self.changes.wait_for(what)

    def note(self, what: str) -> None:
        self.happened.append(what)
        self.changes.tell()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        self.note("identify")

    async def setup_hook(self) -> None:
        if self.tree.get_commands():
            await self.tree.sync()

    async def on_resumed(self) -> None:
        self.note("resumed")

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.note(f"joined {guild.name}")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.note(f"left {guild.name}")

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.note(f"deleted {event.message_id}")

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        if event.message.author != self.user:
            self.note(f"edited {event.message.content}")

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        self.seen.append(message)
        self.changes.tell()
        if self.on_seen is not None:
            await self.on_seen(message)


class Translator(app_commands.Translator):
    words: ClassVar = {"forget": "잊기", "where": "어디", "forget things": "잊어버리기"}

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: object
    ) -> str | None:
        return self.words.get(string.message) if locale is discord.Locale.korean else None


@asynccontextmanager
async def running(fake: FakeDiscord, client: discord.Client, sessions: int = 1) -> AsyncIterator[None]:
    """The client runs inside the block."""
    with fake.redirect():
        task = asyncio.create_task(client.start(fake.token))
        try:
            await fake.connected(sessions)
            await client.wait_until_ready()
            yield
        finally:
            await client.close()
            with suppress(asyncio.CancelledError, discord.ConnectionClosed):
                await task


def events(session: Session, name: str) -> list[Json]:
    """What a session was told under a name."""
    return [frame["d"] for frame in session.history if frame["t"] == name]


class Town:
    """A fake with a guild of two people and one channel."""

    def __init__(self, fake: FakeDiscord) -> None:
        self.fake = fake
        self.mina: User = fake.add_user("mina", locale="ko")
        self.john: User = fake.add_user("john", locale="en-US")
        self.guild: Guild = fake.add_guild("town", self.mina, self.john)
        self.square: Channel = fake.add_channel(self.guild, "square")

    def here(self, client: discord.Client, channel: Channel | None = None) -> discord.PartialMessageable:
        return client.get_partial_messageable((channel or self.square).id, guild_id=self.guild.id)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with FakeDiscord() as fake:
        yield Town(fake)


# talking


async def test_a_mention_is_answered_edited_and_gets_a_picture(town: Town) -> None:
    client = Client()

    async def answer(message: discord.Message) -> None:
        async with message.channel.typing():
            sent = await message.reply("…")
            for text in ("안", "안녕", "안녕!"):
                await sent.edit(content=text)
            picture = discord.File(_file(PICTURE), "face.webp", description="웃는 얼굴")
            await sent.edit(attachments=[picture])

    client.on_seen = answer
    async with running(town.fake, client):
        asked = await town.fake.say(town.mina, town.square, "안녕?", mentions=[town.fake.bot])
        reply = await town.fake.answer(town.square)
        await town.fake.wait_for(lambda: reply.attachments)
        assert client.seen[0].content == f"{town.fake.bot.mention} 안녕?"
        fetched = await (await town.here(client).fetch_message(reply.id)).attachments[0].read()
    assert reply.reference is asked and reply.content == "안녕!"
    assert [version.content for version in reply.versions] == ["…", "안", "안녕", "안녕!", "안녕!"]
    assert reply.edit_times == sorted(reply.edit_times) and len(reply.edit_times) == 4
    [picture] = reply.attachments
    assert (picture.filename, picture.description, picture.content) == ("face.webp", "웃는 얼굴", PICTURE)
    assert fetched == PICTURE
    assert [who for who, _ in town.square.typing] == [town.fake.bot] and not town.square.is_typing(
        town.fake.bot
    )
    assert [one.status for one in town.fake.requested("PATCH", f"/messages/{reply.id}")] == [200] * 4


async def test_private_talk_goes_both_ways(town: Town) -> None:
    client = Client()
    client.on_seen = lambda message: message.author.send(f"들었어: {message.content}")
    async with running(town.fake, client):
        await town.fake.dm(town.mina, "비밀", attachments=[("a.png", b"png")])
        reply = await town.fake.answer(town.fake.private_channel(town.mina))
        assert await client.seen[0].attachments[0].read() == b"png"
        assert reply.content == "들었어: 비밀"
        town.john.dms_closed = True
        with pytest.raises(discord.Forbidden) as refused:
            await (await client.fetch_user(town.john.id)).send("hello?")
    assert refused.value.code == 50007


async def test_edits_and_deletions_of_the_source_are_told(town: Town) -> None:
    client = Client()
    async with running(town.fake, client):
        source = await town.fake.say(town.mina, town.square, "하나", mentions=[town.fake.bot])
        await town.fake.edit(source, f"{town.fake.bot.mention} 둘")
        await client.sees(lambda: f"edited {town.fake.bot.mention} 둘" in client.happened)
        await town.fake.delete(source)
        await client.sees(lambda: f"deleted {source.id}" in client.happened)
        with pytest.raises(discord.HTTPException) as refused:
            await client.seen[0].reply("너무 늦었네")
        gentle = discord.MessageReference(
            message_id=source.id, channel_id=town.square.id, fail_if_not_exists=False
        )
        await client.seen[0].channel.send("그래도", reference=gentle)
    assert refused.value.code == 50035 and "Unknown message" in refused.value.text
    assert [message.content for message in town.fake.said(town.square)] == ["그래도"]


async def test_limits_of_messages(town: Town) -> None:
    client = Client()
    async with running(town.fake, client):
        here = town.here(client)
        await here.send("가" * 2000)
        assert await _code(here.send("가" * 2001)) == (400, 50035)
        assert await _code(here.send("")) == (400, 50006)
        assert await _code(here.send(files=[discord.File(_file(b"x"), f"{n}") for n in range(11)])) == (
            400,
            30015,
        )
        town.fake.world.upload_limit = 1000
        assert await _code(here.send(file=discord.File(_file(b"x" * 1001), "a.png"))) == (413, 40005)
        other = await town.fake.say(town.mina, town.square, "내 거")
        assert await _code(here.get_partial_message(other.id).edit(content="네 거")) == (403, 50005)
        assert await _code(here.get_partial_message(1).edit(content="?")) == (404, 10008)
        assert await _code(here.get_partial_message(other.id).delete()) == (403, 50013)
        assert await _code(here.send("?", nonce="x" * 26)) == (400, 50035)
        assert [message.id async for message in here.history(limit=1)] == [other.id]


async def test_keeping_and_removing_attachments_in_edits(town: Town) -> None:
    client = Client()
    async with running(town.fake, client):
        sent = await town.here(client).send(
            files=[discord.File(_file(b"1"), "1.png"), discord.File(_file(b"2"), "2 b.png")]
        )
        await sent.edit(content="same files")
        [message] = town.fake.said(town.square)
        assert [file.filename for file in message.attachments] == ["1.png", "2_b.png"]
        sent = await sent.edit(attachments=[sent.attachments[1], discord.File(_file(b"3"), "3.png")])
        assert [file.content for file in message.attachments] == [b"2", b"3"]
        await sent.edit(attachments=[])
        assert message.attachments == []
        await sent.delete()
        assert message.deleted and message.deleted_at is not None


async def test_who_is_called(town: Town) -> None:
    role = town.fake.world.add_role(town.guild, "loud", Permission.MENTION_EVERYONE, town.fake.bot)
    client, text = Client(), f"@everyone {town.mina.mention} <@&{role.id}>"
    async with running(town.fake, client):
        await town.here(client).send(text)
        quiet = await town.here(client).send(text, allowed_mentions=discord.AllowedMentions.none())
        loud, silent = town.fake.said(town.square)
        assert (loud.last.mention_everyone, loud.last.mentions) == (True, [town.mina])
        assert loud.last.mention_roles == [role.id]
        assert (silent.last.mention_everyone, silent.last.mentions, silent.last.mention_roles) == (
            False,
            [],
            [],
        )
        await quiet.edit(content=text + "!")
        assert silent.last.mention_everyone, "an edit without allowed_mentions is read with the defaults"


# rights


async def test_rights_of_a_channel(town: Town) -> None:
    fake = town.fake
    silent = fake.add_channel(town.guild, "silent", deny=Permission.SEND_MESSAGES)
    hidden = fake.add_channel(town.guild, "hidden", hidden=True)
    bare = fake.add_channel(
        town.guild, "bare", deny=Permission.ATTACH_FILES | Permission.CREATE_PUBLIC_THREADS
    )
    client = Client()
    async with running(fake, client):
        assert await _code(town.here(client, silent).send("?")) == (403, 50013)
        assert await _code(town.here(client, silent).typing().__aenter__()) == (403, 50013)
        assert await _code(town.here(client, hidden).send("?")) == (403, 50001)
        assert await _code(town.here(client, bare).send(file=discord.File(_file(b"x"), "a.png"))) == (
            403,
            50013,
        )
        sent = await town.here(client, bare).send("text goes")
        assert await _code(sent.create_thread(name="no")) == (403, 50013)
        guild = client.get_guild(town.guild.id)
        assert guild is not None
        seen = {place.name: place.permissions_for(guild.me) for place in guild.text_channels}
        assert not seen["silent"].send_messages and not seen["hidden"].view_channel
        assert seen["square"].send_messages and not seen["bare"].attach_files
        fake.deny(silent, Permission(0))
        await town.here(client, silent).send("now")
        await fake.say(fake.owner, hidden, "the bot hears nothing here", mentions=[fake.bot])
        await fake.say(town.mina, town.square, "here it does")
        await client.sees(lambda: len(client.seen) == 1)


async def test_threads(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        client.on_seen = lambda message: message.channel.send(f"in {message.channel}")
        thread = await fake.start_thread(town.mina, town.square, "corner")
        await fake.say(town.mina, thread, "여기", mentions=[fake.bot])
        assert (await fake.answer(thread)).content == "in corner"
        await fake.archive(thread)
        place = client.get_channel(thread.id)
        assert isinstance(place, discord.Thread)
        await place.send("opens it again")
        assert not thread.archived
        await fake.archive(thread, locked=True)
        assert await _code(place.send("locked")) == (400, 50083)
        client.on_seen = None
        sent = await town.here(client).send("start")
        own = await sent.create_thread(name="mine")
        await own.send("first")
        assert [m.content for m in fake.world.channels[sent.id].log] == ["first"]
        assert await _code(sent.create_thread(name="again")) == (400, 160004)
        secret = await fake.start_thread(town.mina, town.square, "secret", private=True)
        assert await _code(town.here(client, secret).send("?")) == (403, 50001)
        fake.world.join_thread(secret, fake.bot)
        await town.here(client, secret).send("!")


async def test_without_the_content_intent_only_what_concerns_the_bot_is_readable(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        own = await town.here(client).send("mine")
        answered = fake.said(town.square)[0]
        await fake.say(town.mina, town.square, "not for you", attachments=[("a.png", b"x")])
        await fake.say(town.mina, town.square, "for you", mentions=[fake.bot])
        await fake.say(town.mina, town.square, "reply", reply_to=answered)
        await fake.say(town.mina, town.square, "quiet reply", reply_to=answered, ping=False)
        await fake.dm(town.mina, "private")
        await client.sees(lambda: len(client.seen) == 5)
        told = [message.content for message in [m async for m in town.here(client).history()]]
    assert [message.content for message in client.seen] == [
        "",
        f"{fake.bot.mention} for you",
        "reply",
        "",
        "private",
    ]
    assert client.seen[0].attachments == [] and client.seen[2].reference is not None
    assert client.seen[2].reference.message_id == own.id
    assert told == ["", "reply", f"{fake.bot.mention} for you", "", "mine"]


async def test_with_the_content_intent_everything_is_readable() -> None:
    async with FakeDiscord(granted=Intent.MESSAGE_CONTENT | Intent.GUILD_MEMBERS) as fake:
        town = Town(fake)
        client = Client(discord.Intents(guilds=True, guild_messages=True, message_content=True, members=True))
        async with running(fake, client):
            await fake.say(town.mina, town.square, "not for you")
            await client.sees(lambda: client.seen)
            guild = client.get_guild(town.guild.id)
            assert guild is not None and guild.get_member(town.mina.id) is not None, "op 8 brings the members"
    assert client.seen[0].content == "not for you"


# interactions


def with_commands(client: Client) -> Client:
    """Commands of every kind."""

    @client.tree.command(name="forget", description="forget things")
    async def forget(interaction: discord.Interaction, where: str, who: discord.User | None = None) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content=f"{interaction.locale} {where} {who}")

    @forget.autocomplete("where")
    async def proposals(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=name, value=name) for name in ("here", "there") if typed in name]

    @client.tree.command(name="hush", description="secret")
    async def hush(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("쉿", ephemeral=True)
        await interaction.followup.send("더", ephemeral=True, file=discord.File(_file(b"x"), "x.png"))

    @client.tree.command(name="letter", description="a form")
    async def letter(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Letter())

    @client.tree.context_menu(name="Read")
    async def read(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"«{message.content}»")

    return client


class Letter(discord.ui.Modal, title="A letter"):
    text: discord.ui.TextInput[Self] = discord.ui.TextInput(label="text", custom_id="text", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"got {self.text.value}")


class Again(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"again:(?P<count>\d+)"):
    def __init__(self, count: int) -> None:
        super().__init__(discord.ui.Button(label="again", custom_id=f"again:{count}"))
        self.count = count

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Again:
        return cls(int(match["count"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(Again(self.count + 1))
        await interaction.response.edit_message(content=f"pressed {self.count + 1}", view=view)


async def test_slash_commands_in_guild_and_private_talk_in_both_languages(town: Town) -> None:
    fake, client = town.fake, with_commands(Client())
    with fake.redirect():
        await client.tree.set_translator(Translator())
    async with running(fake, client):
        assert fake.command("forget")["name_localizations"] == {"ko": "잊기"}
        assert len(fake.syncs) == 1
        korean = await fake.slash(town.mina, town.square, "잊기", {"어디": "여기", "who": town.john})
        english = await fake.slash(town.john, fake.private_channel(town.john), "forget", {"where": "here"})
        for talk in (korean, english):
            await talk.done()
        assert (korean.content, english.content) == ("ko 여기 john", "en-US here None")
        assert korean.original is not None and not korean.ephemeral
        assert [version.flags for version in korean.original.versions] == [1 << 7, 0], (
            "it said »thinking« first"
        )
        with pytest.raises(LookupError):
            await fake.slash(town.mina, town.square, "unknown")
        with pytest.raises(ValueError, match="required"):
            await fake.slash(town.mina, town.square, "forget")


async def test_ephemeral_answers_are_seen_by_one_and_fetched_by_nobody(town: Town) -> None:
    fake, client = town.fake, with_commands(Client())
    async with running(fake, client):
        talk = await (await fake.slash(town.mina, town.square, "hush")).done()
        more = await talk.followup()
        assert talk.ephemeral and more.ephemeral and more.attachments[0].content == b"x"
        assert fake.said(town.square) == []
        assert events(fake.gateway.connected[0], "MESSAGE_CREATE") == []
        assert talk.original is not None
        assert await _code(town.here(client).fetch_message(talk.original.id)) == (404, 10008)


async def test_autocomplete_form_and_message_menu(town: Town) -> None:
    fake, client = town.fake, with_commands(Client())
    async with running(fake, client):
        typed = await (await fake.autocomplete(town.mina, town.square, "forget", "where", "th")).done()
        assert typed.choices == [{"name": "there", "value": "there"}]
        asked = await (await fake.slash(town.mina, town.square, "letter")).done()
        sent = await (await fake.submit_modal(asked, {"text": "편지"})).done()
        assert sent.content == "got 편지"
        with pytest.raises(ValueError, match="length"):
            await fake.submit_modal(asked, {"text": "x" * 21})
        source = await fake.say(town.john, town.square, "not for the bot")
        read = await (await fake.context_menu(town.mina, source, "Read")).done()
        assert read.content == "«not for the bot»", "the target of a menu is readable without the intent"


async def test_an_old_button_works_after_a_restart(town: Town) -> None:
    fake, first = town.fake, Client()
    async with running(fake, first):
        view = discord.ui.View(timeout=None)
        view.add_item(Again(0))
        await town.here(first).send("button", view=view)
    message = await fake.answer(town.square)
    second = Client()
    second.add_dynamic_items(Again)
    async with running(fake, second):
        await (await fake.press(town.mina, message, "again:0")).done()
        assert message.content == "pressed 1"
        await (await fake.press(town.john, message, "again:1")).done()
        assert message.content == "pressed 2" and message.buttons()[0]["custom_id"] == "again:2"
        with pytest.raises(LookupError):
            await fake.press(town.mina, message, "again:0")


async def test_menus_groups_files_and_users(town: Town) -> None:
    fake, client = town.fake, Client()
    memory = app_commands.Group(
        name="memory", description="memory", default_permissions=discord.Permissions(manage_guild=True)
    )

    @memory.command(name="keep", description="keep")
    async def keep(
        interaction: discord.Interaction,
        file: discord.Attachment,
        room: discord.TextChannel,
        times: app_commands.Range[int, 1, 3],
    ) -> None:
        await interaction.response.send_message(f"{(await file.read()).decode()} {room.name} {times}")

    @client.tree.context_menu(name="Who")
    async def who(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(member.display_name)

    client.tree.add_command(memory)
    async with running(fake, client):
        options: dict[str, Any] = {"file": fake.keep("a.txt", b"bytes"), "room": town.square, "times": 2}
        kept = await (await fake.slash(fake.owner, town.square, "memory keep", options)).done()
        assert kept.content == "bytes square 2" and kept.name == "memory keep"
        with pytest.raises(LookupError, match="not offered to mina"):
            await fake.slash(town.mina, town.square, "memory keep", options)
        with pytest.raises(ValueError, match="bounds"):
            await fake.slash(fake.owner, town.square, "memory keep", options | {"times": 4})
        asked = await (await fake.context_menu(town.mina, town.john, "Who", channel=town.square)).done()
        assert asked.content == "john"


class Panel(discord.ui.View):
    @discord.ui.button(label="quiet", custom_id="quiet")
    async def quiet(self, interaction: discord.Interaction, _: discord.ui.Button[Self]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="quietly changed")

    @discord.ui.button(label="form", custom_id="form")
    async def form(self, interaction: discord.Interaction, _: discord.ui.Button[Self]) -> None:
        await interaction.response.send_modal(Letter())

    @discord.ui.button(label="think", custom_id="think")
    async def think(self, interaction: discord.Interaction, _: discord.ui.Button[Self]) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("thought")
        await (await interaction.followup.send("more", wait=True)).edit(content="even more")
        await interaction.delete_original_response()

    @discord.ui.select(custom_id="pick", options=[discord.SelectOption(label=name) for name in "ab"])
    async def pick(self, interaction: discord.Interaction, select: discord.ui.Select[Self]) -> None:
        await interaction.response.send_message(f"picked {select.values[0]}")


async def test_every_way_to_answer_a_press(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        await town.here(client).send("panel", view=Panel(timeout=None))
        [panel] = fake.said(town.square)
        quiet = await fake.press(town.mina, panel, "quiet")
        await fake.wait_for(lambda: panel.content == "quietly changed")
        assert quiet.response_kind == 6 and quiet.original is panel and len(panel.buttons()) == 4
        form = await (await fake.press(town.mina, panel, "form")).done()
        assert (await (await fake.submit_modal(form, {"text": "hi"})).done()).content == "got hi"
        picked = await (await fake.press(town.mina, panel, "pick", values=["b"])).done()
        assert picked.content == "picked b"
        think = await fake.press(town.mina, panel, "think")
        more = await think.followup()
        await fake.wait_for(lambda: more.content == "even more")
        assert think.original is not None
        await fake.wait_for(lambda: think.original and think.original.deleted)
        assert think.content == "thought" and think.original.ephemeral, (
            "the first followup took the loading one's place"
        )


async def test_deadlines_of_interactions(town: Town) -> None:
    fake, client = town.fake, Client()
    codes: asyncio.Queue[int] = asyncio.Queue()

    @client.tree.command(name="slow", description="slow")
    async def slow(interaction: discord.Interaction, how: str) -> None:
        talk = fake.world.talks[interaction.token]
        if how == "late":
            talk.grow_older(3.1)
        _, code = await _code(interaction.response.defer())
        if how == "twice":
            interaction.response._response_type = None  # else discord.py itself refuses
            _, code = await _code(interaction.response.defer())
        if how == "old":
            talk.grow_older(15 * 60)
            _, code = await _code(interaction.followup.send("too late"))
        codes.put_nowait(code)

    async with running(fake, client):
        for how, code in (("late", 10062), ("twice", 40060), ("old", 50027)):
            talk = await fake.slash(town.mina, town.square, "slow", {"how": how})
            assert await asyncio.wait_for(codes.get(), 20) == code
            assert talk.failed is (how == "late")


# bad days


async def test_429_from_discord_is_waited_for_and_from_cloudflare_raised(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        ours = fake.faults.rate_limited("POST", "/channels/*/messages", times=2)
        await town.here(client).send("patient")
        assert ours.hits == 2 and len(fake.requested("POST", "/messages")) == 3
        fake.faults.rate_limited("POST", "/channels/*/messages", via=False)
        assert await _code(town.here(client).send("banned")) == (429, 0)
    assert [message.content for message in fake.said(town.square)] == ["patient"]
    assert [one.status for one in fake.requested("POST", "/messages")] == [429, 429, 200, 429]


async def test_a_real_limit_slows_edits_down(town: Town) -> None:
    fake, client = town.fake, Client()
    fake.limit("PATCH", "/channels/*/messages/*", 2, 0.2)
    async with running(fake, client):
        sent = await town.here(client).send("0")
        for number in range(1, 6):
            await sent.edit(content=str(number))
    [message] = fake.said(town.square)
    assert message.content == "5" and message.edit_times[-1] - message.edit_times[0] > 0.3
    assert {one.status for one in fake.requested("PATCH")} == {200}, "discord.py waits by itself"


async def test_500_is_tried_again_and_503_raised(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        fake.faults.server_error("POST", "/channels/*/messages")
        await town.here(client).send("at last")
        fake.faults.server_error("POST", "/channels/*/messages", status=503)
        assert await _code(town.here(client).send("never")) == (503, 0)
    assert [one.status for one in fake.requested("POST", "/messages")] == [500, 200, 503]


async def test_the_same_nonce_makes_one_message_even_if_the_connection_broke(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        fake.faults.next("POST", "/channels/*/messages", drop="after")
        with pytest.raises(aiohttp.ClientError):
            await town.here(client).send("once", nonce="n1")
        await town.here(client).send("once", nonce="n1")
        assert len(fake.said(town.square)) == 1
        fake.faults.next("POST", "/channels/*/messages", drop=True)
        with pytest.raises(aiohttp.ClientError):
            await town.here(client).send("lost", nonce="n2")
        await town.here(client).send("other", nonce="n3")
    assert [message.content for message in fake.said(town.square)] == ["once", "other"]
    assert [one.status for one in fake.requested("POST", "/messages")] == [0, 200, 0, 200]


async def test_a_request_can_be_held(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        held = fake.faults.hold("POST", "/channels/*/messages")
        sending = asyncio.create_task(town.here(client).send("later"))
        await asyncio.wait_for(held.reached.wait(), 20)
        assert fake.said(town.square) == []
        held.release()
        await sending
        assert len(fake.said(town.square)) == 1


@pytest.mark.parametrize("how", ["dropped", "closed", "op 7", "op 9 resumable"])
async def test_missed_events_come_after_a_resume(town: Town, how: str) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        await fake.say(town.mina, town.square, "before", mentions=[fake.bot])
        await client.sees(lambda: client.seen)
        fake.faults.hold_gateway()
        fake.faults.replay_duplicates(1 if how == "dropped" else 0)
        match how:
            case "dropped":
                fake.faults.drop_socket()
            case "closed":
                fake.faults.close_socket()
            case "op 7":
                fake.faults.reconnect()
            case _:
                fake.faults.invalidate(resumable=True)
        await fake.wait_for(lambda: not fake.gateway.connected)
        await fake.say(town.mina, town.square, "meanwhile", mentions=[fake.bot])
        fake.faults.release_gateway()
        await client.sees(lambda: "resumed" in client.happened)
        texts = [message.content.split()[-1] for message in client.seen]
        assert texts == ["before", *(["before"] if how == "dropped" else []), "meanwhile"]
    assert client.happened.count("identify") == 1 and len(fake.gateway.identifies) == 1


async def test_op_9_starts_a_new_session(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        fake.faults.invalidate()
        await fake.wait_for(lambda: len(fake.gateway.identifies) == 2 and fake.gateway.connected)
        await fake.say(town.mina, town.square, "again", mentions=[fake.bot])
        await client.sees(lambda: client.seen)
    assert "resumed" not in client.happened


async def test_a_wrong_token_is_refused(town: Town) -> None:
    with town.fake.redirect():
        client = Client()
        with pytest.raises(discord.LoginFailure):
            await asyncio.wait_for(client.start("wrong"), 20)
        await client.close()
    assert town.fake.requests[0].status == 401


async def test_a_revoked_token_ends_the_client(town: Town) -> None:
    fake, client = town.fake, Client()
    with fake.redirect():
        task = asyncio.create_task(client.start(fake.token))
        await fake.connected()
        await client.wait_until_ready()
        fake.faults.revoke_token()
        with pytest.raises(discord.ConnectionClosed) as closed:
            await asyncio.wait_for(task, 20)
    assert closed.value.code == 4004


async def test_a_token_revoked_before_connecting_gives_401_and_4004(town: Town) -> None:
    fake, client = town.fake, Client()
    with fake.redirect():
        await client.login(fake.token)
        fake.world.token = None
        assert await _code(town.here(client).send("?")) == (401, 0)
        with pytest.raises(discord.ConnectionClosed) as closed:
            await asyncio.wait_for(client.connect(), 20)
    assert closed.value.code == 4004 and fake.gateway.refusals == [4004]


async def test_intents_that_are_not_granted_are_refused(town: Town) -> None:
    client = Client(discord.Intents(guilds=True, message_content=True))
    with town.fake.redirect(), pytest.raises(discord.PrivilegedIntentsRequired):
        await asyncio.wait_for(client.start(town.fake.token), 20)
    await client.close()
    assert town.fake.gateway.refusals == [4014]


# many


async def test_shards_get_what_is_theirs(town: Town) -> None:
    fake = town.fake
    fake.world.shards = 2
    squares = [fake.add_channel(fake.add_guild(f"g{n}", town.mina, shard=(n, 2)), "s") for n in range(2)]

    class Sharded(Client, discord.AutoShardedClient):
        pass

    client = Sharded()
    async with running(fake, client, sessions=2):
        assert len(client.shards) == 2
        for square in squares:
            await fake.say(town.mina, square, "?", mentions=[fake.bot])
        await fake.dm(town.mina, "!")
        await client.sees(lambda: len(client.seen) == 3)
        told = {session.shard: events(session, "MESSAGE_CREATE") for session in fake.gateway.connected}
    assert [event.get("channel_id") for event in told[1, 2]] == [str(squares[1].id)]
    private = str(fake.private_channel(town.mina).id)
    assert [event.get("channel_id") for event in told[0, 2]] == [str(squares[0].id), private]
    assert len(fake.requested("GET", "/gateway/bot")) == 1


async def test_fifty_people_at_once(town: Town) -> None:
    fake, client = town.fake, Client()
    people = [fake.add_user(f"user{n}") for n in range(50)]
    for user in people:
        await fake.join_guild(user, town.guild)
    client.on_seen = lambda message: message.reply(message.content.split()[-1])
    async with running(fake, client):
        await asyncio.gather(
            *(fake.say(user, town.square, user.name, mentions=[fake.bot]) for user in people)
        )
        await fake.answer(town.square, 50)
    answers = fake.said(town.square)
    assert {(m.content, m.reference.author) for m in answers if m.reference} == {(u.name, u) for u in people}


async def test_the_bot_comes_and_goes(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        await fake.leave_guild(fake.bot, town.guild)
        await client.sees(lambda: "left town" in client.happened)
        assert await _code(town.here(client).send("?")) == (403, 50001)
        await fake.join_guild(fake.bot, town.guild)
        await client.sees(lambda: "joined town" in client.happened)
        await town.here(client).send("back")


# the fake itself


async def test_what_does_not_exist_is_404_and_deleted_files_are_gone(town: Town) -> None:
    fake, client = town.fake, Client()
    async with running(fake, client):
        assert await _code(client.http.request(discord.http.Route("GET", "/no/such/thing"))) == (404, 0)
        assert await _code(client.http.request(discord.http.Route("DELETE", "/gateway"))) == (405, 0)
        assert await _code(client.fetch_channel(1)) == (404, 10003)
        assert await _code(client.fetch_user(1)) == (404, 10013)
        assert await _code(client.http.send_message(town.square.id, params=_broken())) == (400, 0)
        sent = await town.here(client).send(file=discord.File(_file(b"x"), "x.png"))
        await sent.delete()
        assert await _code(sent.attachments[0].read()) == (404, 0)
        assert (await client.fetch_guild(town.guild.id)).name == "town"
        guild = client.get_guild(town.guild.id)
        assert guild is not None and (await guild.fetch_member(town.mina.id)).name == "mina"


async def test_a_bot_in_a_process_of_its_own(town: Town, tmp_path: Path) -> None:
    fake, script = town.fake, tmp_path / "echo_bot.py"
    script.write_text(ECHO_BOT, "utf-8")
    command = [
        sys.executable,
        "-m",
        "tests.fake_discord.launch",
        fake.rest_url,
        fake.gateway_url,
        str(script),
    ]
    process = await asyncio.create_subprocess_exec(*command, fake.token, cwd=ROOT)
    try:
        await fake.connected(timeout=60)
        await fake.say(town.mina, town.square, "echo", mentions=[fake.bot])
        reply = await fake.answer(town.square)
        assert reply.content.endswith("echo")
    finally:
        process.terminate()
        await process.wait()


async def test_history_goes_both_ways(town: Town) -> None:
    fake, client = town.fake, Client()
    said = [await fake.say(town.mina, town.square, str(n), mentions=[fake.bot]) for n in range(5)]
    async with running(fake, client):
        here, middle = town.here(client), discord.Object(said[2].id)
        assert [m.id async for m in here.history(before=middle)] == [said[1].id, said[0].id]
        assert [m.id async for m in here.history(after=middle)] == [said[3].id, said[4].id]
        assert [m.id async for m in here.history(around=middle, limit=3)] == [m.id for m in said[3:0:-1]]


async def test_waiting_tells_what_did_not_come(town: Town) -> None:
    with pytest.raises(TimeoutError, match="message 1 of the bot"):
        await town.fake.answer(town.square, timeout=0.01)
    message = await town.fake.say(town.mina, town.square, "calm")
    assert await message.settled(0.01) is message


def test_redirecting_stays_on_this_machine_and_ends() -> None:
    before = discord.http.Route.BASE
    for host in ("discord.com", "10.0.0.1", "127.0.0.1.example.org"):
        with (
            pytest.raises(ValueError, match="not on this machine"),
            redirect(f"http://{host}/", "ws://127.0.0.1/"),
        ):
            pass
    with redirect("http://127.0.0.1:1/api/v10", "ws://127.0.0.1:1/gateway/"):
        assert discord.http.Route.BASE == "http://127.0.0.1:1/api/v10"
    assert before == discord.http.Route.BASE


def _file(content: bytes) -> BytesIO:
    return BytesIO(content)


def _broken() -> discord.http.MultipartParameters:
    return discord.http.MultipartParameters(
        payload={"content": "?", "attachments": 5}, multipart=None, files=None
    )


async def _code(act: Awaitable[object]) -> tuple[int, int]:
    """How Discord refuses: HTTP status and JSON code; (0, 0) if it does not."""
    try:
        await act
    except discord.HTTPException as refused:
        return refused.status, refused.code
    return 0, 0
