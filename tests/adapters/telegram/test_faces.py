"""``/face`` through a fake Telegram: shown, chosen by number, name and id, from a gallery, dyed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.errors import ModelError
from core.phrases import phrase
from tests.adapters.faces import NAMES, ManyFaces
from tests.adapters.telegram.office import labels, office, plain
from tests.fakes import PaintedPortraits


async def test_faces_are_shown_chosen_expressed(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        shown = await place.ask(place.john, "/face", place.group)
        assert shown.chat is place.group and shown.media is not None and "Aurora" in shown.text
        wide = await place.ask(place.john, "/face express 1 -0.5")
        assert wide.media is not None and wide.media.content != shown.media.content
        for wrong in ("2", "x", "0.5 0.5 0.5 0.5", "nan", "1e0", "٠"):
            assert (await place.ask(place.john, f"/face express {wrong}")).media is None
        await place.ask(place.john, "/face choose dusk")
        assert "face: Dusk" in (await place.ask(place.john, "/face show")).text
        await place.ask(place.john, "/face off")
        assert (await place.choices(place.john))["face"] == "off"
        await place.ask(place.john, "/face on")
        assert "face" not in await place.choices(place.john)


async def test_one_of_many_is_chosen_by_number_name_or_id(tmp_path: Path) -> None:
    async with office(tmp_path, portraits=ManyFaces()) as place:
        for wanted in ("3", "3번", "가윤", "V7-0154"):
            told = await place.ask(place.mina, f"/face choose {wanted}")
            assert told.text == "이제부터 가윤 얼굴이야.", wanted
            assert (await place.choices(place.mina))["face_id"] == "v7-0154"
            await place.ask(place.mina, "/face choose 1")
        told = await place.ask(place.mina, "/face choose 47")
        assert plain(told) == phrase("unknown_face", "ko", count=46)
        assert (await place.choices(place.mina))["face_id"] == "v7-0100"


async def test_the_gallery_shows_every_face_and_keeps_the_choice(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        sheet, question = await place.use(place.mina, "/face choose")
        assert sheet.text == "1. Aurora · 2. Dusk" and sheet.media is not None and not sheet.album
        assert labels(question) == ["1. Aurora", "2. Dusk"]
        await place.press(place.mina, question, "2. Dusk")
        assert "Dusk" in question.text and (await place.choices(place.mina))["face_id"] == "dusk"
        again, *_ = await place.use(place.mina, "/face choose")
        assert again.last.reused, "what Telegram has already is not uploaded again"


async def test_a_gallery_of_many_is_an_album_and_a_button_for_each(tmp_path: Path) -> None:
    portraits = ManyFaces()
    async with office(tmp_path, portraits=portraits) as place:
        one, two, question = await place.use(place.mina, "/face choose")
        assert one.album == two.album is not None and two.text.startswith("26. 바람 · 27. 바온")
        assert portraits.sheets == [(portraits.faces[:25], 1), (portraits.faces[25:], 26)]
        assert labels(question) == [f"{n}. {name}" for n, name in enumerate(NAMES.values(), 1)]
        rows = (question.last.markup or {})["inline_keyboard"]
        assert [len(row) for row in rows] == [5] * 9 + [1]
        await place.press(place.mina, question, "46. 차람")
        assert (await place.choices(place.mina))["face_id"] == "v7-1315"
        again, _, _ = await place.use(place.mina, "/face choose")
        assert again.last.reused and len(portraits.sheets) == 2


async def test_a_gallery_that_telegram_has_forgotten_is_drawn_again(tmp_path: Path) -> None:
    portraits = ManyFaces()
    async with office(tmp_path, portraits=portraits) as place:
        place.desk.gallery.update({portraits.faces[:25]: "gone", portraits.faces[25:]: "gone"})
        one, two, question = await place.use(place.mina, "/face choose")
        assert one.media is not None and two.media is not None and len(labels(question)) == 46
        assert len(portraits.sheets) == 2


async def test_the_gallery_of_a_group_comes_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        told, *shown = await place.use(place.mina, "/face choose", place.group)
        assert told.chat is place.group and told.media is None
        assert [bool(one.media) for one in shown] == [True, False]
        assert all(one.chat is place.alone(place.mina) for one in shown)


async def test_her_hair_is_dyed(tmp_path: Path) -> None:
    portraits = PaintedPortraits()
    async with office(tmp_path, portraits=portraits) as place:
        for user, colour, kept in (
            (place.mina, "보라", "270"), (place.john, "Hot Pink", "324"), (place.mina, "무지개", "aurora"),
            (place.john, "#8A2BE2", "271"), (place.mina, "원래 색", "natural"),
        ):  # fmt: skip
            told = await place.ask(user, f"/face hair {colour}")
            assert colour in plain(told) or kept in ("aurora", "natural")
            assert (await place.choices(user))["hair"] == kept
            await place.ask(user, "/face")
            assert portraits.hair[-1] == kept
        for user, word in ((place.mina, "검은색"), (place.john, "grey"), (place.john, "dinosaur")):
            refused = await place.ask(user, f"/face hair {word}")
            assert "#8a2be2" in plain(refused)
        assert (await place.choices(place.john))["hair"] == "271"
        copied = re.search(r"#\W?\w+", refused.text)
        assert copied is not None
        await place.ask(place.mina, f"/face hair {copied[0]}")
        assert (await place.choices(place.mina))["hair"] == "271", "as it stands in her hint"
        assert "hair: violet" in (await place.ask(place.john, "/profile")).text


async def test_the_hair_of_a_group_is_worn_where_nobody_chose_another(tmp_path: Path) -> None:
    portraits = PaintedPortraits()
    async with office(tmp_path, portraits=portraits) as place:
        values = await place.ask(place.boss, "/admin settings hair", place.group)
        assert labels(values)[:3] == ["aurora", "natural", "red"]
        pressed = await place.press(place.boss, values, "sky blue")
        assert pressed.text == "Changed. hair: sky blue"
        assert (await place.app.groups.settings(f"telegram:{place.group.id}"))["hair"] == "200"
        await place.ask(place.john, "/face", place.group)
        await place.ask(place.john, "/face")
        assert portraits.hair == ["200", "natural"]


async def test_no_portraits_no_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as place:

        async def fails(*_: object) -> bytes:
            raise ModelError("no faces today")

        for name in ("draw", "sheet"):
            monkeypatch.setattr(place.app.portraits, name, fails)
        for command in ("/face choose", "/face show"):
            answer = await place.ask(place.john, command)
            assert answer.text == phrase("no_face", "en") and answer.media is None
