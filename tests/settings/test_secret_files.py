"""Secrets in files: what counts, and one sentence for each file that cannot be used."""

import os
from pathlib import Path

import pytest

from config import Settings, SettingsError, load_settings
from sandbox.stack import Stack
from settings import sources
from settings.sources import MAX_SECRET_BYTES, read_from_files

SECRET = "hush-hush"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that SMTP_PASSWORD_FILE names; it is not there yet."""
    path = tmp_path / "password"
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(path))
    return path


def password() -> str | None:
    found = load_settings().smtp_password
    return None if found is None else found.get_secret_value()


def test_every_secret_and_the_database_may_stand_in_files() -> None:
    secrets = set(read_from_files(Settings.model_fields))

    assert {"token_encryption_keys", "server_session_key", "database_url"} <= secrets
    fields = Settings.model_fields.items()
    assert {name for name, field in fields if "SecretStr" in repr(field.annotation)} <= secrets
    assert not secrets & {"user_id", "smtp_username", "mail_from"}


@pytest.mark.parametrize("written", [SECRET, f"{SECRET}\n", f"{SECRET}\r\n", f"\ufeff{SECRET}\r\n"])
def test_a_file_holds_the_secret(file: Path, written: str) -> None:
    file.write_bytes(written.encode())

    assert password() == SECRET


def test_only_one_newline_at_the_end_is_dropped(file: Path) -> None:
    file.write_bytes(f" {SECRET}\n\n".encode())

    assert password() == f" {SECRET}\n"


def test_the_database_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://ada:pw@db/records\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(file))

    assert load_settings().database_url == "postgresql://ada:pw@db/records"


def test_a_mounted_secret_counts_unless_a_variable_says_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SECRETS_FOLDER", tmp_path)
    (tmp_path / "smtp_password").write_text(f"{SECRET}\n")
    (tmp_path / "PROVIDER_API_KEY").write_text(SECRET)
    (tmp_path / "mail_from").write_text("no secret")

    settings = load_settings()

    assert settings.smtp_password
    assert settings.smtp_password.get_secret_value() == SECRET
    assert settings.provider_api_key.get_secret_value() == SECRET
    assert settings.mail_from == Settings.model_fields["mail_from"].default

    monkeypatch.setenv("SMTP_PASSWORD", "another")
    assert password() == "another"


def test_a_file_of_the_environment_goes_before_the_env_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(SECRET)
    env_file = tmp_path / ".env"
    env_file.write_text("SMTP_PASSWORD=older\n")
    monkeypatch.setitem(Settings.model_config, "env_file", env_file)

    assert password() == SECRET


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "the file of SMTP_PASSWORD_FILE cannot be read: No such file or directory"),
        (b"", "the file of SMTP_PASSWORD_FILE is empty"),
        (b" \n", "the file of SMTP_PASSWORD_FILE is empty"),
        (b"\xff\xfe" + SECRET.encode(), "the file of SMTP_PASSWORD_FILE is not text"),
        (SECRET.encode() + b"\0", "the file of SMTP_PASSWORD_FILE is not text"),
        (b"x" * (MAX_SECRET_BYTES + 1), "the file of SMTP_PASSWORD_FILE is larger than 64 KiB"),
    ],
)
def test_a_file_that_cannot_be_used(file: Path, content: bytes | None, complaint: str) -> None:
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert str(refused.value) == complaint


def test_the_largest_file_is_read(file: Path) -> None:
    file.write_bytes(b"x" * MAX_SECRET_BYTES)

    assert len(password() or "") == MAX_SECRET_BYTES


def test_a_pipe_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)

    with pytest.raises(SettingsError, match="_FILE is not a regular file"):
        load_settings()


def test_a_secret_where_its_path_should_be_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY_FILE", SECRET)

    with pytest.raises(SettingsError, match="STRIPE_API_KEY_FILE cannot be read") as refused:
        load_settings()

    assert SECRET not in str(refused.value)


def test_both_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(SECRET)
    monkeypatch.setenv("SMTP_PASSWORD", SECRET)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert (
        str(refused.value) == "SMTP_PASSWORD and SMTP_PASSWORD_FILE are both set; set one of them"
    )


def test_the_parts_of_a_stack_get_what_was_read_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(SECRET)
    monkeypatch.setenv("PROVIDER_API_KEY_FILE", str(tmp_path / "key"))

    environment = Stack(load_settings()).environment()

    assert environment["PROVIDER_API_KEY"] == SECRET
    assert "PROVIDER_API_KEY_FILE" not in environment
