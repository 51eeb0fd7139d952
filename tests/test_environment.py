"""Nothing of the sandbox by accident: what is production, and what it refuses, all at once."""

from pathlib import Path

import pytest

from config import Settings, load_settings
from environment import production_because
from tests.support.production import PRODUCTION, all_faults, forget_settings, named, set_all


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Return what sets variables; none of the developer's own count."""
    return forget_settings(monkeypatch, tmp_path)


# --- which of the two -------------------------------------------------------------------------


@pytest.mark.usefixtures("environment")
def test_without_any_setting_it_is_the_sandbox() -> None:
    assert production_because(load_settings()) is None
    assert all_faults() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPORAL_ADDRESS", "temporal.shop.example:7233"),
        ("TEMPORAL_ADDRESS", "10.0.0.7:7233"),
        ("DATABASE_URL", "postgresql://db/records"),
        ("DATABASE_URL", "postgres://ada:p:w@127.0.0.1,db.shop.example:5433/records"),
        ("DATABASE_URL", "postgresql+asyncpg:///records?host=db.shop.example"),
        ("S3_ENDPOINT_URL", "aws"),
        ("S3_ENDPOINT_URL", "http://s3:9000"),
        ("PROVIDER_API_URL", "http://provider-api:8700"),
        ("SMTP_HOST", "mailbox"),
        ("MAIL_PROVIDER", "ses"),
        ("OCR_ENGINE", "textract"),
        ("RECEIPT_PARSER", "textract"),
        ("RECEIPT_SECOND_PARSER", "textract"),
        ("SERVER_HOST", "0.0.0.0"),  # noqa: S104 - not listened at
        ("SERVER_HOST", "::"),
    ],
)
def test_anything_beyond_this_machine_makes_it_production(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)

    assert production_because(load_settings()) == (
        f"{name}: beyond this machine, so this is production unless ENVIRONMENT=sandbox"
    )

    environment.setenv("ENVIRONMENT", "sandbox")
    assert production_because(load_settings()) is None
    assert all_faults() == []


def test_a_profile_of_temporal_counts_too(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profile = '[profile.cloud]\naddress = "cloud.shop.example:7233"\n'
    (tmp_path / "temporal.toml").write_text(profile)
    assert production_because(load_settings()) is None

    environment.setenv("TEMPORAL_PROFILE", "cloud")
    assert str(production_because(load_settings())).startswith("TEMPORAL_ADDRESS: beyond")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPORAL_ADDRESS", "localhost:7233"),
        ("TEMPORAL_ADDRESS", "[::1]:7233"),
        ("DATABASE_URL", "postgresql://ada:pw@localhost:5432/records"),
        ("DATABASE_URL", "postgresql:///records?host=/run/postgresql"),
        ("DATABASE_URL", "postgresql://ada:pw@%2Frun%2Fpostgresql/records"),
        ("DATABASE_URL", "sqlite:////var/records.db"),
        ("S3_ENDPOINT_URL", "http://[::1]:9000"),
        ("PROVIDER_API_URL", "http://api.localhost:8700"),
        ("SMTP_HOST", "127.0.1.1"),
        ("SERVER_HOST", "::1"),
        ("OPENAI_API_KEY", "one to try it with"),
    ],
)
def test_this_machine_is_the_sandbox(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)

    assert production_because(load_settings()) is None


@pytest.mark.parametrize(
    ("url", "because"),
    [("https://api.stripe.com", "PAYMENT_PROVIDER"), ("http://127.0.0.1:8700", None)],
)
def test_the_real_stripe_is_production(
    environment: pytest.MonkeyPatch, url: str, because: str | None
) -> None:
    environment.setenv("PAYMENT_PROVIDER", "stripe")
    environment.setenv("STRIPE_API_KEY", "sk_test_1")
    environment.setenv("STRIPE_API_URL", url)

    found = production_because(load_settings())

    assert (found and found.partition(":")[0]) == because


# --- what of the sandbox is refused -----------------------------------------------------------


def test_settings_of_production_have_no_fault(environment: pytest.MonkeyPatch) -> None:
    set_all(environment)
    assert all_faults() == []

    set_all(environment, ENVIRONMENT=None)
    assert all_faults() == []


def test_all_that_is_still_the_sandboxs_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ENVIRONMENT", "production")
    environment.setenv("SANDBOX_CRASH_AT", "before_effect:charge:7")

    found = all_faults()

    assert named(found) == {
        *("TEMPORAL_ADDRESS", "TOKEN_ENCRYPTION_KEYS", "DATABASE_URL", "S3_ENDPOINT_URL"),
        *("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "PROVIDER_API_URL", "PROVIDER_API_KEY"),
        *("SMTP_HOST", "MAIL_FROM", "SERVER_SESSION_KEY", "SERVER_URL", "SANDBOX_CRASH_AT"),
    }
    assert len(found) == len(named(found))
    assert all(": " in fault and fault.isprintable() for fault in found)


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "ENVIRONMENT"])
def test_each_is_named_alone(environment: pytest.MonkeyPatch, name: str) -> None:
    set_all(environment, **{name: None})

    # The mailbox is host and port, a login without its password is the mail server's to refuse.
    expected: dict[str, set[str]] = {"SMTP_HOST": set(), "SMTP_PORT": set(), "SMTP_USERNAME": set()}
    expected |= {"SMTP_PASSWORD": set(), "SMTP_TLS": {"SMTP_TLS"}}
    assert named(all_faults()) == expected.get(name, {name})


def test_a_database_in_a_file_is_refused(environment: pytest.MonkeyPatch) -> None:
    set_all(environment, DATABASE_URL="sqlite:////var/records.db")

    assert all_faults() == ["DATABASE_URL is an SQLite file: set postgresql://..."]


def test_the_sandboxs_key_may_still_read_what_it_has_written(
    environment: pytest.MonkeyPatch,
) -> None:
    ours = PRODUCTION["TOKEN_ENCRYPTION_KEYS"]
    sandboxs = Settings.model_fields["token_encryption_keys"].default.get_secret_value()
    set_all(environment, TOKEN_ENCRYPTION_KEYS=f"{ours},{sandboxs}")
    assert all_faults() == []

    set_all(environment, TOKEN_ENCRYPTION_KEYS=f" {sandboxs} ,{ours}")
    assert named(all_faults()) == {"TOKEN_ENCRYPTION_KEYS"}


def test_amazons_own_store_needs_no_keys_of_ours(environment: pytest.MonkeyPatch) -> None:
    set_all(environment, S3_ENDPOINT_URL="aws", S3_ACCESS_KEY_ID=None, S3_SECRET_ACCESS_KEY=None)
    assert all_faults() == []


# --- credentials in the clear -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        (
            {"PROVIDER_API_URL": "http://providers.shop.example"},
            "PROVIDER_API_URL would get its key",
        ),
        ({"S3_ENDPOINT_URL": "HTTP://s3.shop.example"}, "S3_ENDPOINT_URL would get keys"),
        ({"SMTP_TLS": "none"}, "SMTP_TLS is none, so SMTP_PASSWORD would be sent"),
        ({"SERVER_URL": "http://pay.shop.example"}, "SERVER_URL would get keys and sessions"),
        ({"DATABASE_URL": "postgresql://ada:pw@db/x"}, "DATABASE_URL would send its password"),
        ({"DATABASE_URL": "postgresql://ada:pw@db/x?sslmode=prefer"}, "DATABASE_URL would send"),
        ({"DATABASE_URL": "postgresql://db/x?user=ada&password=pw"}, "DATABASE_URL would send"),
        ({"TEMPORAL_API_KEY": "key", "TEMPORAL_TLS": "false"}, "TEMPORAL_API_KEY would be sent"),
        (
            {
                **{"PAYMENT_PROVIDER": "stripe", "STRIPE_API_KEY": "sk_live_1"},
                "STRIPE_API_URL": "http://stripe.shop.example",
            },
            "STRIPE_API_URL would get its key",
        ),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.shop.example:4318",
                "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20key",
            },
            "OTEL_EXPORTER_OTLP_ENDPOINT would get OTEL_EXPORTER_OTLP_HEADERS without TLS",
        ),
    ],
)
def test_credentials_are_not_sent_in_the_clear(
    environment: pytest.MonkeyPatch, changed: dict[str, str], complaint: str
) -> None:
    set_all(environment, **changed)

    (fault,) = all_faults()
    assert fault.startswith(complaint)

    environment.setenv("ENVIRONMENT", "sandbox")
    assert all_faults() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"PROVIDER_API_URL": "http://127.0.0.1:9999"},
        {"S3_ENDPOINT_URL": "http://localhost:9999"},
        {"SMTP_TLS": "none", "SMTP_HOST": "127.0.0.1"},
        {"SMTP_TLS": "none", "SMTP_USERNAME": None},
        {"SERVER_URL": "http://localhost:8080"},
        {"DATABASE_URL": "postgresql://ada:pw@localhost/x"},
        {"DATABASE_URL": "postgresql://ada:pw@db/x?sslmode=verify-full"},
        {"DATABASE_URL": "postgresql://ada@db/x"},
        {"TEMPORAL_API_KEY": "key"},
        {"TEMPORAL_API_KEY": "key", "TEMPORAL_TLS": "false", "TEMPORAL_ADDRESS": "[::1]:7233"},
    ],
)
def test_what_stays_on_this_machine_or_is_encrypted_or_is_no_secret_may_go(
    environment: pytest.MonkeyPatch, changed: dict[str, str | None]
) -> None:
    set_all(environment, **changed)

    assert all_faults() == []


def test_all_that_would_be_sent_in_the_clear_is_named_at_once(
    environment: pytest.MonkeyPatch,
) -> None:
    set_all(
        environment,
        PROVIDER_API_URL="http://providers.shop.example",
        S3_ENDPOINT_URL="http://s3.shop.example",
        SMTP_TLS="none",
        DATABASE_URL="postgresql://ada:pw@db/x",
    )

    assert named(all_faults()) == {
        "PROVIDER_API_URL",
        "S3_ENDPOINT_URL",
        "SMTP_TLS",
        "DATABASE_URL",
    }
