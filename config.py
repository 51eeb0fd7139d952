"""Every setting with its name, default and meaning. Nothing else reads the environment.

A setting is an environment variable, or a line in the file ``.env`` beside this one; a secret may
also stand in a file (``settings/sources.py``). The defaults are the local stack's. The connection
to Temporal is the one exception: ``client.py`` reads the SDK's own variables
(``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``, ``TEMPORAL_API_KEY``, TLS, profiles) through
``temporalio.envconfig``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from settings.sources import MountedSecrets, SecretFileError, with_files
from settings.values import (
    Addresses,
    BuildId,
    CollectorUrl,
    CurrencyCode,
    DeploymentName,
    FernetKeys,
    Hours,
    IssuerUrl,
    Networks,
    PayloadKeys,
    ProviderLimits,
    Weekdays,
)

ROOT = Path(__file__).resolve().parent


class SettingsError(Exception):
    """A setting cannot be used; the message is one sentence with its name, not its value.

    Where several cannot, ``faults`` has a sentence for each.
    """

    def __init__(self, message: str, faults: Sequence[str] = ()) -> None:
        super().__init__("\n  ".join([f"{message}:" if faults else message, *faults]))
        self.message = message
        self.faults = tuple(faults)


class Settings(BaseSettings):
    """All settings; each field has a description. ``docs/settings.md`` lists them."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    environment: Literal["sandbox", "production"] | None = Field(
        default=None,
        description="sandbox or production; unset: production if anything is beyond this machine.",
    )
    state_dir: Path = Field(
        default=ROOT / ".state",
        description="Folder where the local stack stores everything; delete it to reset.",
    )

    temporal_ui_url: str = Field(
        default="http://127.0.0.1:8233", description="Address of the Temporal UI, for links."
    )
    demo_exit: bool = Field(
        default=False, description="End 'make demo' after its scenario, even on a terminal."
    )
    task_queue: str = Field(
        default="pipelines",
        description="Task queue of workflows and providers; with -ocr appended, OCR's.",
    )
    provider_limits: ProviderLimits | None = Field(
        default=None,
        description="Attempts a second over all workers, such as payments=10,mail=5; unset: any.",
    )
    fair_share: bool = Field(
        default=True, description="Runs are started with the key of their customer, for fairness."
    )
    patience_seconds: float = Field(
        default=0.0,
        ge=0,
        le=604_800,
        description="Seconds that a step is tried beyond its attempts while a provider is away.",
    )
    token_encryption_keys: FernetKeys = Field(
        default=SecretStr("bG9jYWwtc2FuZGJveC1rZXktbm90LWZvci1wcm9kdWM="),
        description="Fernet keys for payment tokens in histories: comma-separated, newest first.",
    )
    payload_encryption_keys: PayloadKeys | None = Field(
        default=None,
        description="AES keys of histories, each ID:BASE64, newest first; unset: plain JSON.",
    )
    user_id: str = Field(
        default="local",
        description="User that submits receipts and makes decisions if no option names one.",
    )
    deployment_name: DeploymentName | None = Field(
        default=None,
        description="Worker Versioning: one name for all workers, such as shop; unset: off.",
    )
    build_id: BuildId | None = Field(
        default=None,
        description="Worker Versioning: the build that a worker runs, such as a commit.",
    )
    worker_grace_seconds: float = Field(
        default=20.0,
        ge=0,
        le=86_400,
        description="Seconds that running activities have to finish after SIGTERM.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="Log of worker.py and server.py, stderr of starter.py: text, or JSON lines.",
    )
    monitoring_host: str = Field(
        default="127.0.0.1", description="Address that HEALTH_PORT and METRICS_PORT listen at."
    )
    health_port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="Port of a worker's /healthz and /readyz; unset: none.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65_534,
        description="Port of /metrics; a worker's OCR process has the next one; unset: none.",
    )
    otel_exporter_otlp_endpoint: CollectorUrl | None = Field(
        default=None,
        description="OpenTelemetry collector that gets traces by OTLP over HTTP; unset: no traces.",
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(
        default=None, description="Headers for it, such as authorization=Bearer%20KEY."
    )
    otel_service_name: str | None = Field(
        default=None,
        description="Name in traces; unset: pipelines-worker, -server or -starter.",
    )
    metrics_refresh_seconds: float = Field(
        default=30.0,
        ge=1,
        le=3_600,
        description="Seconds between two looks of server.py at runs, for its metrics.",
    )

    s3_endpoint_url: str | None = Field(
        default="http://127.0.0.1:9000",
        description="URL of the S3 endpoint; 'aws' means Amazon's own.",
    )
    s3_bucket: str = Field(default="receipts", description="Bucket; created on first use.")
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_access_key_id: SecretStr | None = Field(
        default=SecretStr("local-sandbox"), description="Key id; ignored with endpoint 'aws'."
    )
    s3_secret_access_key: SecretStr | None = Field(
        default=SecretStr("local-sandbox-secret"),
        description="Secret key; with endpoint 'aws' boto3's own credential chain is used.",
    )

    aws_region: str | None = Field(
        default=None, description="Region of AWS SES and Textract; unset: boto3's own default."
    )

    receipt_max_bytes: int = Field(
        default=20_000_000, ge=1, description="Largest receipt file, in bytes."
    )
    receipt_max_pixels: int = Field(
        default=50_000_000, ge=1, description="Most pixels per page, against decompression bombs."
    )
    receipt_max_pages: int = Field(
        default=10, ge=1, description="Most pages of a file that are read: the first and the last."
    )
    ocr_engine: Literal["embedded", "textract"] = Field(
        default="embedded", description="What reads the text: the embedded engine, or AWS Textract."
    )
    ocr_concurrency: int = Field(
        default=1, ge=1, description="Receipts that one OCR process reads at a time."
    )
    ocr_niceness: int = Field(
        default=10,
        ge=0,
        le=19,
        description="Nice value of a worker's OCR process; 0 is the worker's own priority.",
    )

    receipt_parser: Literal["auto", "rules", "openai", "vision", "textract"] = Field(
        default="auto",
        description="Parser; 'auto': 'openai' if its key or base URL is set, else 'rules'.",
    )
    receipt_second_parser: Literal["rules", "openai", "vision", "textract"] | None = Field(
        default=None, description="Second parser; a person decides if the two disagree."
    )
    default_currency: CurrencyCode | None = Field(
        default=None,
        description="ISO 4217 code for receipts that show no currency.",
    )
    default_date_order: Literal["day-first", "month-first"] | None = Field(
        default=None,
        description="How to read 03/04 if receipt and country do not tell; unset: a doubt.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None, description="API key of the language model."
    )
    openai_base_url: str | None = Field(
        default=None, description="URL of an OpenAI-compatible endpoint; unset: OpenAI's own."
    )
    openai_model: str = Field(default="gpt-5-mini", description="Model that parses receipts.")

    database_url: str | None = Field(
        default=None,
        description="Database of records: any URL of libpq; unset: SQLite in STATE_DIR.",
    )

    approval_threshold: int = Field(
        default=500,
        ge=0,
        le=99_999_999,
        description="Orders above so many units of their currency wait for an approval.",
    )
    business_time_zone: str = Field(
        default="UTC", description="Time zone of the business hours, such as Europe/Berlin."
    )
    business_hours: Hours = Field(
        default="09:00-24:00", description="When orders may be shipped on a business day."
    )
    business_days: Weekdays | None = Field(
        default=None,
        description="Business days, such as mon-sat; unset: those of the country, else mon-fri.",
    )
    business_country: str | None = Field(
        default=None,
        description="ISO 3166 code of the country whose public holidays are no business days.",
    )
    business_subdivision: str | None = Field(
        default=None, description="Its part with holidays of its own, such as BY for Bavaria."
    )
    payment_provider: Literal["http", "stripe"] = Field(
        default="http", description="What charges cards: the small HTTP contract, or Stripe."
    )
    provider_api_url: str = Field(
        default="http://127.0.0.1:8700", description="API of payments, inventory and shipping."
    )
    provider_api_key: SecretStr = Field(
        default=SecretStr("local-sandbox-key"), description="Bearer key of that API."
    )
    sandbox_crash_at: str | None = Field(
        default=None,
        description="Crash tests only: where that API crashes once, as MOMENT:CALL:ORDER_ID.",
    )
    stripe_api_key: SecretStr | None = Field(default=None, description="Secret key of Stripe.")
    stripe_api_url: str = Field(
        default="https://api.stripe.com", description="URL of Stripe's API; tests use a stand-in."
    )

    server_host: str = Field(
        default="127.0.0.1", description="Address that the HTTP door listens at."
    )
    server_port: int = Field(
        default=8080, ge=1, le=65_535, description="Port that the HTTP door listens at."
    )
    server_url: str | None = Field(
        default=None,
        description="Address of the HTTP door in links; unset: http://SERVER_HOST:SERVER_PORT.",
    )
    server_trusted_proxies: Networks | None = Field(
        default=None,
        description="Proxies whose X-Forwarded-For counts: addresses, networks; unset: none.",
    )
    server_requests_at_once: int = Field(
        default=256, ge=1, description="Requests under way at a time; more are answered with 503."
    )
    server_requests_of_one: int | None = Field(
        default=None,
        ge=1,
        description="Of these, those of one address or caller; unset: a quarter.",
    )
    server_requests_per_minute: int = Field(
        default=30_000, ge=1, description="Requests of one address a minute; more: 429."
    )
    server_max_upload_bytes: int = Field(
        default=200_000_000, ge=1, description="Most bytes of all files of one request."
    )

    server_session_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs the desk's sessions and forms; unset: another one each start.",
    )

    oidc_issuer: IssuerUrl | None = Field(
        default=None, description="URL of an OpenID Connect issuer, as it writes it; unset: none."
    )
    oidc_audience: str | None = Field(
        default=None,
        description="Audience that tokens for the HTTP API must name; unset: OIDC_CLIENT_ID.",
    )
    oidc_client_id: str | None = Field(
        default=None, description="Client id of the desk at the issuer; unset: only tokens count."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Secret of that client; unset: a public client."
    )
    oidc_roles_claim: str = Field(
        default="roles",
        min_length=1,
        description="Claim with the roles, or the path to it, such as realm_access.roles.",
    )
    oidc_name_claim: str = Field(
        default="preferred_username",
        min_length=1,
        description="Claim with the user id, or the path to it.",
    )

    mail_provider: Literal["smtp", "ses"] = Field(
        default="smtp", description="What sends mail: any SMTP server, or AWS SES."
    )
    smtp_host: str = Field(default="127.0.0.1", description="Host of the SMTP server.")
    smtp_port: int = Field(default=8025, ge=1, le=65_535, description="Port of the SMTP server.")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        default="none", description="Encryption of the connection to the SMTP server."
    )
    smtp_username: str | None = Field(default=None, description="User at the SMTP server.")
    smtp_password: SecretStr | None = Field(default=None, description="Password of that user.")
    mail_from: str = Field(default="pipelines@sandbox.example", description="Sender of every mail.")
    notify_approvers: Addresses | None = Field(
        default=None,
        description="Addresses, comma-separated, that hear of an order that waits for an approval.",
    )
    notify_reviewers: Addresses | None = Field(
        default=None,
        description="Addresses, comma-separated, that hear of a receipt that a person must check.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - passed by its name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values come from; the first that has one counts."""
        # pydantic's own reads mounted secrets, too: any setting of any size.
        variables = (*with_files(env_settings), *with_files(dotenv_settings))
        return (init_settings, *variables, MountedSecrets(settings_cls))

    @property
    def server_address(self) -> str:
        """The address of the HTTP door in links, without a slash at its end."""
        url = self.server_url or f"http://{self.server_host}:{self.server_port}"
        return url.rstrip("/")

    @property
    def server_share(self) -> int:
        """How many requests of one address or caller may be under way at a time."""
        return self.server_requests_of_one or max(1, self.server_requests_at_once // 4)

    @model_validator(mode="after")
    def _stripe_needs_its_key(self) -> Self:
        if self.payment_provider == "stripe" and self.stripe_api_key is None:
            raise ValueError("PAYMENT_PROVIDER is stripe, so STRIPE_API_KEY must be set")
        return self

    @model_validator(mode="after")
    def _version_is_whole(self) -> Self:
        if (self.deployment_name is None) != (self.build_id is None):
            raise ValueError("DEPLOYMENT_NAME and BUILD_ID are set together, or neither")
        return self

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        if self.oidc_issuer is None:
            for name in ("oidc_audience", "oidc_client_id", "oidc_client_secret"):
                if getattr(self, name) is not None:
                    raise ValueError(f"{name.upper()} is set, so OIDC_ISSUER must be, too")
        elif self.oidc_audience is None and self.oidc_client_id is None:
            raise ValueError("OIDC_ISSUER is set, so OIDC_CLIENT_ID or OIDC_AUDIENCE must be, too")
        if self.oidc_client_secret is not None and self.oidc_client_id is None:
            raise ValueError("OIDC_CLIENT_SECRET is set, so OIDC_CLIENT_ID must be, too")
        return self


def load_settings() -> Settings:
    """Read the settings; raises SettingsError for the first one that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(map(str, problem["loc"])).upper()
        message = problem["msg"].removeprefix("Value error, ")
        raise SettingsError(f"setting {name}: {message}" if name else message) from None
    except SecretFileError as error:
        raise SettingsError(str(error)) from None
    except (OSError, ValueError) as error:  # such as a .env that is not text
        raise SettingsError(f"the file .env cannot be read: {error}") from None
