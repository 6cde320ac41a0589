"""``/face`` through a fake Discord: shown, chosen by number, name and id, from a gallery, dyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ModelError
from core.phrases import phrase
from tests.adapters.discord.office import Office, message, office
from tests.adapters.faces import ManyFaces
from tests.fake_discord import Interaction, User
from tests.fakes import PaintedPortraits


async def chosen(place: Office, user: User) -> dict[str, str]:
    """What someone chose."""
    return await place.app.history.choices(f"discord:{user.id}")


async def pick(place: Office, gallery: Interaction, menu: int, face: str) -> None:
    """Mina picks a face from a menu of a gallery, and reads what comes of it."""
    before = gallery.content
    custom_id = message(gallery).buttons()[menu]["custom_id"]
    pressed = await place.fake.press(place.mina, message(gallery), custom_id, values=[face])
    await pressed.answered()
    await place.fake.wait_for(lambda: gallery.content != before)


async def test_faces_are_shown_chosen_expressed(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        shown = await place.command(place.john, "face show")
        assert shown.original is not None and len(message(shown).attachments) == 1 and not shown.ephemeral
        assert message(shown).attachments[0].description
        wide = await place.command(place.john, "face express", {"eyes": 1.0, "mouth": -0.5})
        assert message(wide).attachments[0].content != message(shown).attachments[0].content
        with pytest.raises(ValueError, match="bounds"):
            await place.command(place.john, "face express", {"eyes": 2.0})
        assert await place.choices(place.john, "face choose", "face", "du") == ["2. Dusk"]
        await place.command(place.john, "face choose", {"face": "dusk"})
        assert "face: Dusk" in (await place.command(place.john, "face show")).content
        unknown = await place.command(place.john, "face choose", {"face": "nobody"})
        assert unknown.content == phrase("unknown_face", "en", count=2)


async def test_one_of_many_is_chosen_by_number_name_or_id(tmp_path: Path) -> None:
    async with office(tmp_path, portraits=ManyFaces()) as place:
        for wanted in ("3", "3번", "가윤", "V7-0154"):
            told = await place.command(place.mina, "얼굴 고르기", {"얼굴": wanted})
            assert told.content == "이제부터 가윤 얼굴이야.", wanted
            assert (await chosen(place, place.mina))["face_id"] == "v7-0154"
            await place.command(place.mina, "얼굴 고르기", {"얼굴": "1"})
        for wanted in ("0", "47", "-1", "가", "v7"):
            told = await place.command(place.mina, "얼굴 고르기", {"얼굴": wanted})
            assert told.content == phrase("unknown_face", "ko", count=46), wanted
        assert (await chosen(place, place.mina))["face_id"] == "v7-0100"
        assert "가람" in (await place.command(place.mina, "프로필")).content


async def test_faces_are_proposed_while_someone_types(tmp_path: Path) -> None:
    async with office(tmp_path, portraits=ManyFaces()) as place:

        async def typed(words: str) -> list[str]:
            return await place.choices(place.mina, "face choose", "face", words)

        assert (await typed(""))[:2] == ["1. 가람", "2. 가온"] and len(await typed("")) == 25
        assert await typed("나") == ["6. 나람", "7. 나온", "8. 나윤", "9. 나솔", "10. 나빛"]
        assert (await typed("4"))[:3] == ["4. 가솔", "40. 아빛", "41. 자람"]
        assert await typed("0127") == ["2. 가온"] and await typed("nobody") == []


async def test_the_gallery_shows_every_face_and_keeps_the_choice(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        gallery = await place.command(place.mina, "얼굴 고르기")
        assert gallery.ephemeral
        (sheet,) = message(gallery).attachments
        assert sheet.description == "오로라의 얼굴 1~2번: 1. Aurora, 2. Dusk"
        await pick(place, gallery, 0, "dusk")
        assert "Dusk" in gallery.content and (await chosen(place, place.mina))["face_id"] == "dusk"
        assert message(gallery).attachments and message(gallery).buttons(), "she may choose again"


async def test_a_gallery_of_many_has_a_picture_and_a_menu_for_25_each(tmp_path: Path) -> None:
    portraits = ManyFaces()
    async with office(tmp_path, portraits=portraits) as place:
        gallery = await place.command(place.john, "face choose")
        assert [file.filename for file in message(gallery).attachments] == [
            "faces-1-25.png", "faces-26-46.png",
        ]  # fmt: skip
        assert "26. 바람, 27. 바온" in (message(gallery).attachments[1].description or "")
        first, second = message(gallery).buttons()
        assert (first["custom_id"], second["custom_id"]) == ("ohlora:face:1", "ohlora:face:2")
        assert second["placeholder"] == "Choose a face: 26 to 46"
        options = [
            (option["label"], option["value"]) for menu in (first, second) for option in menu["options"]
        ]
        assert options[2] == ("3. 가윤", "v7-0154") and len(options) == 46
        await place.command(place.mina, "face choose")
        assert portraits.sheets == [(portraits.faces[:25], 1), (portraits.faces[25:], 26)], "drawn once"


async def test_menus_work_after_a_restart_also_those_of_before(tmp_path: Path) -> None:
    async with office(tmp_path, portraits=ManyFaces()) as first:
        galleries = [await first.command(first.mina, "face choose") for _ in range(2)]
        message(galleries[1]).buttons()[0]["custom_id"] = "ohlora:face"  # as it was with one menu
        fake = first.fake
        first.stop.set()
        await fake.connected(0)
        async with office(tmp_path, fake, portraits=ManyFaces()) as second:
            await pick(second, galleries[0], 1, "v7-1315")
            assert galleries[0].content == "이제부터 차람 얼굴이야."
            await pick(second, galleries[1], 0, "v7-0127")
            assert galleries[1].content == "이제부터 가온 얼굴이야."
            await pick(second, galleries[1], 0, "gone")
            assert galleries[1].content == phrase("unknown_face", "ko", count=46)
            assert (await chosen(second, second.mina))["face_id"] == "v7-0127"


async def test_her_hair_is_dyed(tmp_path: Path) -> None:
    portraits = PaintedPortraits()
    async with office(tmp_path, portraits=portraits) as place:
        for user, colour, kept, said in (
            (place.mina, "보라색", "270", "보라색"), (place.john, "hot pink", "324", "hot pink"),
            (place.mina, "오로라", "aurora", "오로라"), (place.john, "#8A2BE2", "271", "#8A2BE2"),
            (place.mina, "원래 색", "natural", "원래"), (place.john, "aurora", "aurora", "aurora"),
        ):  # fmt: skip
            told = await place.command(user, "face hair", {"colour": colour})
            assert told.ephemeral and said in told.content
            assert (await chosen(place, user))["hair"] == kept
            await place.command(user, "face show")
            assert portraits.hair[-1] == kept
        for user, word in (
            (place.mina, "흰색"),
            (place.john, "white"),
            (place.mina, "공룡"),
            (place.john, "#777777"),
        ):
            refused = (await place.command(user, "face hair", {"colour": word})).content
            assert "#8a2be2" in refused
        assert (await chosen(place, place.mina))["hair"] == "natural"
        assert "hair: aurora" in (await place.command(place.john, "profile")).content
        assert "머리: 원래 색" in (await place.command(place.mina, "프로필")).content


async def test_colours_are_proposed_in_the_language_of_the_client(tmp_path: Path) -> None:
    async with office(tmp_path) as place:

        async def typed(user: User, words: str = "") -> list[str]:
            return await place.choices(user, "face hair", "colour", words)

        assert (await typed(place.mina))[:3] == ["오로라", "원래 색", "빨간색"]
        assert (await typed(place.john))[:3] == ["aurora", "natural", "red"]
        assert await typed(place.john, "VIO") == ["violet"] and await typed(place.mina, "보라") == ["보라색"]
        assert await typed(place.john, "#123abc") == ["#123abc"] and await typed(place.mina, "violet") == [
            "violet"
        ]
        assert await typed(place.john, "white") == []


async def test_the_hair_of_a_server_is_worn_where_nobody_chose_another(tmp_path: Path) -> None:
    portraits = PaintedPortraits()
    async with office(tmp_path, portraits=portraits) as place:
        wanted = {"setting": "hair", "value": "violet"}
        assert "hair: violet" in (await place.command(place.boss, "admin settings", wanted)).content
        await place.command(place.john, "face show")
        await place.command(place.john, "face show", channel=place.fake.private_channel(place.john))
        await place.command(place.john, "face hair", {"colour": "green"})
        await place.command(place.john, "face show")
        assert portraits.hair == ["270", "natural", "120"]
        refused = await place.command(place.boss, "admin settings", wanted | {"value": "white"})
        assert "white, grey and black" in refused.content
        proposed = await place.choices(place.boss, "admin settings", "value", "", setting="hair")
        assert proposed[:3] == ["aurora", "natural", "red"] and proposed[-1] == "back to the default"


async def test_no_portraits_no_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as place:

        async def fails(*_: object) -> bytes:
            raise ModelError("no faces today")

        for name in ("draw", "sheet"):
            monkeypatch.setattr(place.app.portraits, name, fails)
        for command in ("face choose", "face show"):
            assert (await place.command(place.john, command)).content == phrase("no_face", "en")
