"""Settings that cannot be used: one sentence with the setting's name, and never its value."""

from pathlib import Path

import pytest

import client
from commands.terminal.outcome import ExitCode
from config import Settings, SettingsError, load_settings
from starter import build_parser, run

SECRET = "hush-hush"


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("RECEIPT_MAX_BYTES", SECRET, "setting RECEIPT_MAX_BYTES: Input should be a valid integer"),
        ("RECEIPT_MAX_PIXELS", "-5", "setting RECEIPT_MAX_PIXELS: Input should be greater than"),
        ("WORKER_GRACE_SECONDS", "nan", "setting WORKER_GRACE_SECONDS: Input should be"),
        ("OCR_ENGINE", SECRET, "setting OCR_ENGINE: Input should be 'embedded' or 'textract'"),
        ("SMTP_PORT", "99999", "setting SMTP_PORT: Input should be less than"),
        ("DEFAULT_CURRENCY", SECRET, "setting DEFAULT_CURRENCY: it must be the ISO 4217 code of"),
        ("DEFAULT_CURRENCY", "XXX", "setting DEFAULT_CURRENCY: it must be the ISO 4217 code of"),
        ("APPROVAL_THRESHOLD", "-1", "setting APPROVAL_THRESHOLD: Input should be greater than"),
        ("PAYMENT_PROVIDER", "stripe", "PAYMENT_PROVIDER is stripe, so STRIPE_API_KEY must be set"),
        ("TOKEN_ENCRYPTION_KEYS", SECRET, "setting TOKEN_ENCRYPTION_KEYS: it must be keys of 32"),
        ("SERVER_TRUSTED_PROXIES", "*", "setting SERVER_TRUSTED_PROXIES: it must be IP addresses"),
        ("PROVIDER_LIMITS", "payments", "setting PROVIDER_LIMITS: it must be attempts a second"),
        ("PROVIDER_LIMITS", "mail=0", "setting PROVIDER_LIMITS: it must be attempts a second"),
        ("PROVIDER_LIMITS", "mail=1,mail=2", "setting PROVIDER_LIMITS: it must be attempts a"),
        ("PROVIDER_LIMITS", f"{SECRET}=1", "setting PROVIDER_LIMITS: it must be attempts a second"),
        ("PATIENCE_SECONDS", "-1", "setting PATIENCE_SECONDS: Input should be greater than"),
        ("DEPLOYMENT_NAME", "shop", "DEPLOYMENT_NAME and BUILD_ID are set together, or neither"),
        ("BUILD_ID", "1.2.3", "DEPLOYMENT_NAME and BUILD_ID are set together, or neither"),
        ("DEPLOYMENT_NAME", "my.shop", "setting DEPLOYMENT_NAME: it must be up to 100 letters"),
        ("BUILD_ID", "a b", "setting BUILD_ID: it must be up to 100 letters, digits, -, _ and"),
        ("OIDC_ISSUER", SECRET, "setting OIDC_ISSUER: it must be an https:// URL"),
        ("OIDC_ISSUER", "http://id.example", "setting OIDC_ISSUER: it must be an https:// URL"),
        ("OIDC_ISSUER", f"https://ada:{SECRET}@id.example", "setting OIDC_ISSUER: it must be"),
        ("OIDC_ISSUER", "https://id.example/?x=1", "setting OIDC_ISSUER: it must be an https://"),
        ("OIDC_ISSUER", "https://[", "setting OIDC_ISSUER: it must be an https:// URL"),
        ("OIDC_ISSUER", "https://id.example", "OIDC_ISSUER is set, so OIDC_CLIENT_ID or"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", SECRET, "setting OTEL_EXPORTER_OTLP_ENDPOINT: it must be"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            f"https://ada:{SECRET}@collector.example",
            "setting OTEL_EXPORTER_OTLP_ENDPOINT: it must be an http:// or https:// URL without",
        ),
        ("OIDC_CLIENT_ID", SECRET, "OIDC_CLIENT_ID is set, so OIDC_ISSUER must be, too"),
        ("OIDC_AUDIENCE", SECRET, "OIDC_AUDIENCE is set, so OIDC_ISSUER must be, too"),
        ("OIDC_CLIENT_SECRET", SECRET, "OIDC_CLIENT_SECRET is set, so OIDC_ISSUER must be, too"),
    ],
)
def test_a_setting_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    message = str(refused.value)
    assert message.startswith(complaint)
    assert message.isprintable(), "one line"
    assert SECRET not in message
    assert "pydantic" not in message


def test_a_secret_needs_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "http://127.0.0.1:5556/dex")
    monkeypatch.setenv("OIDC_AUDIENCE", "pipelines")
    assert load_settings().oidc_audience == "pipelines"

    monkeypatch.setenv("OIDC_CLIENT_SECRET", SECRET)
    with pytest.raises(SettingsError, match="so OIDC_CLIENT_ID must be, too"):
        load_settings()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00R", b"RECEIPT_MAX_BYTES", b"= 5\n\0\0", b"'"])
def test_a_broken_env_file_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(content)
    monkeypatch.setitem(Settings.model_config, "env_file", env_file)

    try:
        load_settings()  # no error: the readable part of it may be enough
    except SettingsError as refused:
        assert str(refused).startswith("the file .env cannot be read: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPORAL_ADDRESS", ":::"),
        ("TEMPORAL_PROFILE", "no-such-profile"),
        ("TEMPORAL_CONFIG_FILE", __file__),
    ],
)
async def test_the_sdks_own_variables_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=name) as refused:
        await client.connect(Settings())

    assert str(refused.value).isprintable(), "one line"


async def test_a_command_says_it_on_one_line_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"oracle://ada:{SECRET}@db/x")

    code = await run(build_parser().parse_args(["expenses"]))

    said = capsys.readouterr()
    assert (code, said.out) == (ExitCode.BAD_INPUT, "")
    assert said.err.startswith("error: DATABASE_URL names 'oracle'; use postgresql://...")
    assert said.err.count("\n") == 1
    assert SECRET not in said.err
