"""Settings: sources and their order, validation, and what errors say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without configuration and an environment without our keys."""
    import os

    for key in [key for key in os.environ if key.startswith("OHLORA_")]:
        monkeypatch.delenv(key)
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.var_dir == Path("var") and settings.database == Path("var/ohlora.sqlite3")
    assert settings.timezone == "Asia/Seoul" and settings.torch_threads == 1
    assert settings.discord_token is None and settings.secrets == ()
    assert settings.weights_dir.parts[-2:] == ("models", "weights")


def test_environment_wins_over_dotenv_wins_over_toml(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ohlora.toml").write_text('timezone = "UTC"\ntorch_threads = 4\nrate_messages = 3\n')
    Path(".env").write_text("OHLORA_TORCH_THREADS=3\nOHLORA_TIMEZONE=Asia/Tokyo\nOTHER=1\n")
    monkeypatch.setenv("OHLORA_TIMEZONE", "Europe/Paris")
    settings = load_settings()
    assert (settings.timezone, settings.torch_threads, settings.rate_limit.messages) == ("Europe/Paris", 3, 3)


def test_a_named_config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text("torch_threads = 2\n")
    monkeypatch.setenv("OHLORA_CONFIG", "other.toml")
    assert load_settings().torch_threads == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("OHLORA_TIMEZONE", "Mars/Olympus"),
        ("OHLORA_TIMEZONE", "../../etc/passwd"),
        ("OHLORA_TORCH_THREADS", "zwölf"),
        ("OHLORA_TORCH_THREADS", "0"),
        ("OHLORA_DISCORD_API_BASE", "ftp-secret://x"),
        ("OHLORA_DISCORD_GATEWAY", "http-secret://x"),
        ("OHLORA_RATE_SECONDS", "nan"),
        ("OHLORA_PROFILE", "planet"),
        ("OHLORA_PROFILE", "cluster"),
        ("OHLORA_TEXT_ADAPTERS", "owner/unpinned"),
        ("OHLORA_TEXT_TASK_BASES", "dance=owner/name@main"),
        ("OHLORA_TEXT_TASK_BASES", "memory=owner/unpinned"),
        ("OHLORA_TEXT_TASK_BASES", "summary="),
        ("OHLORA_DATABASE_URL", "mysql://secret@h/secret"),
        ("OHLORA_DATABASE_URL", "postgresql://u:secret@host"),
        ("OHLORA_DATABASE_URL", "postgresql://u:secret@host:port/db"),
        ("OHLORA_DATABASE_URL", "postgresql://u:secret@host/db?secret=1"),
        ("OHLORA_TEXT_TEMPLATE", "alpaca"),
        ("OHLORA_TEXT_DTYPE", "int8"),
        ("OHLORA_TEXT_DEVICE_MAP", "cuda:x"),
        ("OHLORA_TEXT_4BIT", "perhaps"),
        ("OHLORA_EMBED_MODEL", "owner/unpinned"),
        ("OHLORA_HUB_ALLOWED", "perhaps"),
        ("OHLORA_TELEGRAM_API_BASE", "ftp-secret://x"),
        ("OHLORA_TELEGRAM_OWNER_IDS", "mina"),
        ("OHLORA_TELEGRAM_WEBHOOK_URL", "http://example.org/ohlora"),
        ("OHLORA_TELEGRAM_WEBHOOK_URL", "https://example.org:8080/ohlora"),
        ("OHLORA_TELEGRAM_WEBHOOK_URL", "https://example.org:0/ohlora"),
        ("OHLORA_TELEGRAM_WEBHOOK_URL", "https://example.org:port/ohlora"),
        ("OHLORA_TELEGRAM_WEBHOOK_URL", "https://example.org/ohlora?token=1"),
        ("OHLORA_TELEGRAM_WEBHOOK_URL", "https:///ohlora"),
        ("OHLORA_TELEGRAM_WEBHOOK_PORT", "70000"),
        ("OHLORA_TELEGRAM_WEBHOOK_SECRET", "no blanks allowed"),
        ("OHLORA_TELEGRAM_WEBHOOK_SECRET", "x" * 257),
        ("OHLORA_FACE_ENABLED", "perhaps"),
    ],
)
def test_errors_name_the_key_never_the_value(monkeypatch: pytest.MonkeyPatch, key: str, value: str) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert key in str(caught.value)
    assert len(value) < 2 or value not in str(caught.value)


@pytest.mark.parametrize("content", ["token = [unclosed", "no_such_key = 1", "\udcff"])
def test_a_bad_config_file(tmp_path: Path, content: str) -> None:
    Path("ohlora.toml").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=r"ohlora\.toml"):
        load_settings()


def test_a_missing_named_config_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OHLORA_CONFIG", "nowhere.toml")
    with pytest.raises(SettingsError, match="OHLORA_CONFIG"):
        load_settings()


def test_secrets_are_hidden_and_settings_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OHLORA_DISCORD_TOKEN", "very-secret")
    monkeypatch.setenv("OHLORA_TELEGRAM_TOKEN", "")
    settings = load_settings()
    assert "very-secret" not in repr(settings) and settings.secrets == ("very-secret",)
    assert settings.telegram_token is None
    with pytest.raises(ValueError, match="frozen"):
        settings.timezone = "UTC"


def test_a_wrong_type_in_toml_names_the_key() -> None:
    Path("ohlora.toml").write_text("discord_token = 12345678\n")
    with pytest.raises(SettingsError, match="OHLORA_DISCORD_TOKEN") as caught:
        load_settings()
    assert "12345678" not in str(caught.value)


def test_an_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OHLORA_DISCORD_API_BASE", "http://127.0.0.1:8000/api/v10/")
    monkeypatch.setenv("OHLORA_DISCORD_GATEWAY", "ws://127.0.0.1:8000/gateway/")
    settings: Settings = load_settings()
    assert settings.discord_api_base == "http://127.0.0.1:8000/api/v10"
    assert settings.discord_gateway == "ws://127.0.0.1:8000/gateway/"


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://example.org:8443/a/b_c-d.e", "https://[2001:db8::1]:88/x"]
)
def test_settings_of_a_webhook(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert load_settings().telegram_webhook_url is None
    monkeypatch.setenv("OHLORA_TELEGRAM_WEBHOOK_URL", url)
    monkeypatch.setenv("OHLORA_TELEGRAM_WEBHOOK_SECRET", "very-secret_1")
    monkeypatch.setenv("OHLORA_TELEGRAM_OWNER_IDS", "12, 34")
    settings = load_settings()
    assert settings.telegram_webhook_url == url and settings.telegram_webhook_listen == "127.0.0.1"
    assert settings.telegram_owners == {12, 34} and settings.secrets == ("very-secret_1",)
    assert "very-secret" not in repr(settings)


def test_the_full_profile_needs_a_pinned_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OHLORA_PROFILE", "full")
    with pytest.raises(SettingsError, match=r"OHLORA_TEXT_BASE: .*needs a model here"):
        load_settings()
    monkeypatch.setenv("OHLORA_TEXT_BASE", "owner/name")
    with pytest.raises(SettingsError, match=r"OHLORA_TEXT_BASE_REVISION: .*needs a revision"):
        load_settings()
    monkeypatch.setenv("OHLORA_TEXT_BASE_REVISION", "0123abc")
    monkeypatch.setenv("OHLORA_TEXT_TASK_BASES", "memory=owner/other@v2, expression=./folder")
    sources = {task.value: str(source) for task, source in load_settings().text_sources.items()}
    assert sources == {
        "reply": "owner/name@0123abc", "memory": "owner/other@v2", "summary": "owner/name@0123abc", "expression": "./folder",
    }  # fmt: skip


def test_a_folder_needs_no_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.setenv("OHLORA_PROFILE", "auto")
    monkeypatch.setenv("OHLORA_TEXT_BASE", "owner/name")
    assert [str(source) for source in set(load_settings().text_sources.values())] == ["owner/name"]


def test_a_database_on_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().database_address == Path("var/ohlora.sqlite3")
    url = "postgresql://lora:p%40ss@db.example.org:5433/memory?sslmode=require"
    monkeypatch.setenv("OHLORA_DATABASE_URL", url)
    settings = load_settings()
    assert settings.database_address == url
    assert settings.database_name == "the Postgres database memory on db.example.org"
    assert {url, "p%40ss", "p@ss"} <= {*settings.secrets} and "p%40ss" not in repr(settings)
    apart = settings.apart(Path("elsewhere"))
    assert apart.database_address == Path("elsewhere/ohlora.sqlite3"), "what is tried out stays out of it"
