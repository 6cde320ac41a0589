"""The gateway: websockets in plain text frames, sessions, resumes, and its faults."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Coroutine

from aiohttp import WSMsgType, web

from tests.fake_discord import payloads
from tests.fake_discord.model import Json
from tests.fake_discord.sessions import PRIVILEGED, Event, Intent, Link, Session
from tests.fake_discord.world import World

HELLO, ACK, RECONNECT, INVALID_SESSION = 10, 11, 7, 9
SENDS_PER_MINUTE = 120


class Gateway:
    """Serves ``/gateway/`` and tells every session what it should know."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, Session] = {}
        self.identifies: list[Json] = []
        self.refusals: list[int] = []
        self.heartbeat_ms = 41_250
        # A resumed session gets this many events again that it already had.
        self.replay_duplicates = 0
        self._sockets: dict[Link, web.WebSocketResponse] = {}
        self._sessions_of: dict[Link, Session] = {}
        self._open = asyncio.Event()
        self._open.set()
        self._chores: set[asyncio.Task[None]] = set()
        self._url = ""
        world.tell = self.tell

    @property
    def connected(self) -> list[Session]:
        """Sessions with a socket."""
        return [session for session in self.sessions.values() if session.link is not None]

    def tell(self, event: Event) -> None:
        """Sends an event to whom it concerns; those away get it when they resume."""
        for session in self.sessions.values():
            if session.wants(event):
                session.tell(event.name, event.payload(session.intents))

    # faults

    def drop_sockets(self) -> None:
        """All connections break off without a goodbye."""
        for link in list(self._sockets):
            self._detach(link)
            if link.transport is not None:
                link.transport.abort()

    def close_sockets(self, code: int) -> None:
        """All connections are closed with a code; 4004 and 4010 to 4014 are final for clients."""
        for link, socket in list(self._sockets.items()):
            self._detach(link)
            self._later(_closing(socket, code))

    def ask_to_reconnect(self) -> None:
        """Op 7: clients please come again and resume."""
        for link in list(self._sockets):
            link.put({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9: the session is over (or, if resumable, only this connection)."""
        for link in list(self._sockets):
            session = self._sessions_of.get(link)
            if session is not None and not resumable:
                self.sessions.pop(session.id, None)
            link.put({"op": INVALID_SESSION, "d": resumable})

    def hold(self) -> None:
        """New connections get no HELLO until ``release()``: clients stay away."""
        self._open.clear()

    def release(self) -> None:
        """Ends ``hold()``."""
        self._open.set()

    # the protocol

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One socket from HELLO to its end."""
        self._url = f"ws://{request.host}/gateway/"
        socket = web.WebSocketResponse(max_msg_size=0, timeout=1.0)
        await socket.prepare(request)
        link = Link(request.transport)
        self._sockets[link] = socket
        writer = asyncio.create_task(self._write(link, socket))
        try:
            await self._open.wait()
            link.put({"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}})
            await self._read(link, socket)
        finally:
            self._leave(link, socket.close_code)
            link.put(None)
            await writer
        return socket

    async def shut(self) -> None:
        """Ends everything at the end of a test."""
        self._open.set()
        for socket in list(self._sockets.values()):
            await _closing(socket, 1001)
        if self._chores:
            await asyncio.wait(self._chores)

    async def _write(self, link: Link, socket: web.WebSocketResponse) -> None:
        while (frame := await link.outbox.get()) is not None:
            try:
                await socket.send_str(json.dumps(frame))
            except (ConnectionError, RuntimeError):
                return  # gone; the session keeps what it missed

    async def _read(self, link: Link, socket: web.WebSocketResponse) -> None:
        window = time.monotonic()
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            link.received += 1
            if time.monotonic() - window > 60:
                window, link.received = time.monotonic(), 1
            code = 4008 if link.received > SENDS_PER_MINUTE else self._take(link, message.data)
            self.world.changes.tell()
            if code is not None:
                self.refusals.append(code)
                await socket.close(code=code)
                return

    def _take(self, link: Link, text: str) -> int | None:
        """Handles a frame; a number is the code to close with."""
        try:
            frame: Json = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            return 4002
        if op == 1:
            link.put({"op": ACK, "d": None})
            return None
        handlers: dict[int, Callable[[Link, Json], int | None]] = {
            2: self._identify, 3: self._presence, 4: self._ignore, 6: self._resume, 8: self._chunk,
        }  # fmt: skip
        if op not in handlers:
            return 4001
        if op not in {2, 6} and link not in self._sessions_of:
            return 4003
        return handlers[op](link, data or {})

    def _identify(self, link: Link, data: Json) -> int | None:
        self.identifies.append(data)
        if link in self._sessions_of:
            return 4005
        if data.get("token") != self.world.token:
            return 4004
        index, count = data.get("shard") or (0, 1)
        if not 0 <= index < count:
            return 4010
        intents = Intent(data.get("intents", 0))
        if intents & PRIVILEGED & ~self.world.granted:
            return 4014
        session = Session(secrets.token_hex(16), (index, count), intents, link)
        self.sessions[session.id] = self._sessions_of[link] = session
        self._greet(session)
        return None

    def _greet(self, session: Session) -> None:
        world = self.world
        guilds = [
            guild for guild in world.guilds.values()
            if world.bot.id in guild.members and (guild.id >> 22) % session.shard[1] == session.shard[0]
        ]  # fmt: skip
        me = payloads.user(world.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0}
        session.tell("READY", {
            "v": 10, "user": me, "session_id": session.id, "resume_gateway_url": self._url,
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "application": {"id": str(world.bot.id), "flags": world.application_flags},
            "shard": list(session.shard),
        })  # fmt: skip
        if session.intents & Intent.GUILDS:
            for guild in guilds:
                session.tell("GUILD_CREATE", payloads.guild(guild, world.bot))

    def _resume(self, link: Link, data: Json) -> int | None:
        if data.get("token") != self.world.token:
            return 4004
        session = self.sessions.get(str(data.get("session_id")))
        if session is None:
            link.put({"op": INVALID_SESSION, "d": False})
            return None
        seq = int(data.get("seq") or 0)
        if seq > len(session.history):
            return 4007
        self._sessions_of[link] = session
        session.replay(link, seq, self.replay_duplicates)
        return None

    def _presence(self, link: Link, data: Json) -> None:
        self._sessions_of[link].presence = data

    def _ignore(self, link: Link, data: Json) -> None:
        """Voice is not played here."""

    def _chunk(self, link: Link, data: Json) -> int | None:
        session = self._sessions_of[link]
        guild = self.world.guilds.get(int(data["guild_id"]))
        if guild is None:
            return None
        wanted = data.get("user_ids")
        if data.get("query") == "" and not wanted and not session.intents & Intent.GUILD_MEMBERS:
            return 4014  # the whole list needs the intent
        ids = {int(one) for one in (wanted if isinstance(wanted, list) else [wanted])} if wanted else None
        query = str(data.get("query") or "").lower()
        found = [
            member for member in guild.members.values()
            if (member.user.id in ids if ids is not None else member.user.name.lower().startswith(query))
        ]  # fmt: skip
        found = found[: data.get("limit") or len(found)]
        chunk: Json = {
            "guild_id": str(guild.id), "members": [payloads.member(member) for member in found],
            "chunk_index": 0, "chunk_count": 1, "not_found": [], "presences": [],
        }  # fmt: skip
        if "nonce" in data:
            chunk["nonce"] = data["nonce"]
        session.tell("GUILD_MEMBERS_CHUNK", chunk)
        return None

    def _detach(self, link: Link) -> Session | None:
        """From now on the session's events wait for a resume."""
        self._sockets.pop(link, None)
        session = self._sessions_of.pop(link, None)
        if session is not None and session.link is link:
            session.link = None
        self.world.changes.tell()
        return session

    def _leave(self, link: Link, code: int | None) -> None:
        session = self._detach(link)
        if session is not None and code in {1000, 1001}:
            self.sessions.pop(session.id, None)  # a client that says goodbye does not come back

    def _later(self, chore: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


async def _closing(socket: web.WebSocketResponse, code: int) -> None:
    await socket.close(code=code)
