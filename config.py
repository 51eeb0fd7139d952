"""Every setting, once: name, default, meaning. Nothing else reads the environment.

A setting is given as an environment variable or in a file ``.env`` beside this one;
the defaults are the local stack's. How we reach Temporal is the one exception: the
SDK's own variables (``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``, ``TEMPORAL_API_KEY``,
TLS, profiles) are read by ``client.py`` through ``temporalio.envconfig``.
"""

from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent
FERNET_KEY_BYTES = 32


class SettingsError(Exception):
    """A setting cannot be used; the message is one sentence that names it, without its value."""


class Settings(BaseSettings):
    """Settings of doors, providers and local stack; each field documents itself."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    state_dir: Path = Field(
        default=ROOT / ".state",
        description="Folder of everything the local stack stores; deleting it resets all.",
    )

    temporal_ui_url: str = Field(
        default="http://127.0.0.1:8233", description="Address of the Temporal UI, for links."
    )
    demo_exit: bool = Field(
        default=False, description="'make demo' ends when its scenario does, on a terminal too."
    )
    task_queue: str = Field(
        default="pipelines",
        description="Task queue of workflows and providers; OCR's has -ocr behind it.",
    )
    token_encryption_keys: SecretStr = Field(
        default=SecretStr("bG9jYWwtc2FuZGJveC1rZXktbm90LWZvci1wcm9kdWM="),
        description="Fernet keys for payment tokens in histories, the newest first, by commas.",
    )
    user_id: str = Field(
        default="local",
        description="Whose receipts 'receipt' submits, and who decides, where no option says.",
    )
    worker_grace_seconds: float = Field(
        default=20.0,
        ge=0,
        le=86_400,
        description="How long running activities may finish after SIGTERM.",
    )

    s3_endpoint_url: str | None = Field(
        default="http://127.0.0.1:9000",
        description="S3 endpoint; the word 'aws' means Amazon's own.",
    )
    s3_bucket: str = Field(default="receipts", description="Bucket; made on first use.")
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_access_key_id: SecretStr | None = Field(
        default=SecretStr("local-sandbox"), description="Key id; ignored with endpoint 'aws'."
    )
    s3_secret_access_key: SecretStr | None = Field(
        default=SecretStr("local-sandbox-secret"),
        description="Secret key; with endpoint 'aws' boto3's own credential chain is used.",
    )

    aws_region: str | None = Field(
        default=None, description="Region of AWS SES and Textract; unset is boto3's own choice."
    )

    receipt_max_bytes: int = Field(default=20_000_000, ge=1, description="Largest receipt file.")
    receipt_max_pixels: int = Field(
        default=50_000_000, ge=1, description="Most pixels of a page: guards against bombs."
    )
    receipt_max_pages: int = Field(default=10, ge=1, description="Most pages of a PDF.")
    ocr_engine: Literal["embedded", "textract"] = Field(
        default="embedded", description="Who reads the text: the engine in the wheel, or AWS."
    )
    ocr_concurrency: int = Field(
        default=1, ge=1, description="Receipts read at a time by one OCR process."
    )

    receipt_parser: Literal["auto", "rules", "openai", "vision", "textract"] = Field(
        default="auto",
        description="'auto' asks the language model if a key or a base URL is set, else the rules.",
    )
    receipt_second_parser: Literal["rules", "openai", "vision", "textract"] | None = Field(
        default=None, description="Reads too; where the two disagree, a person decides."
    )
    default_currency: str | None = Field(
        default=None,
        pattern="^[A-Z]{3}$",
        description="ISO 4217 code for receipts that print no currency.",
    )
    default_date_order: Literal["day-first", "month-first"] | None = Field(
        default=None,
        description="How to read 03/04 where neither receipt nor country tells; unset: doubt.",
    )
    openai_api_key: SecretStr | None = Field(default=None, description="Key of the endpoint.")
    openai_base_url: str | None = Field(
        default=None, description="OpenAI-compatible endpoint; unset means OpenAI's own."
    )
    openai_model: str = Field(default="gpt-5-mini", description="Model that parses receipts.")

    database_url: str | None = Field(
        default=None,
        description="Expenses: postgresql://... in production; unset is SQLite in state_dir.",
    )

    payment_provider: Literal["http", "stripe"] = Field(
        default="http", description="Who charges: the small HTTP contract, or Stripe."
    )
    provider_api_url: str = Field(
        default="http://127.0.0.1:8700", description="Payments, inventory, shipping over HTTP."
    )
    provider_api_key: SecretStr = Field(
        default=SecretStr("local-sandbox-key"), description="Bearer key of that API."
    )
    sandbox_crash_at: str | None = Field(
        default=None,
        description="Crash tests only: where that API dies once, MOMENT:CALL:ORDER_ID.",
    )
    stripe_api_key: SecretStr | None = Field(default=None, description="Secret key of Stripe.")
    stripe_api_url: str = Field(
        default="https://api.stripe.com", description="Stripe's address; tests use the sandbox."
    )

    mail_provider: Literal["smtp", "ses"] = Field(
        default="smtp", description="Who sends mail: any SMTP server, or AWS SES."
    )
    smtp_host: str = Field(default="127.0.0.1", description="SMTP server.")
    smtp_port: int = Field(default=8025, ge=1, le=65_535, description="Port of the SMTP server.")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        default="none", description="How the connection to the SMTP server is protected."
    )
    smtp_username: str | None = Field(default=None, description="User at the SMTP server.")
    smtp_password: SecretStr | None = Field(default=None, description="Password there.")
    mail_from: str = Field(default="pipelines@sandbox.example", description="Sender of every mail.")

    @model_validator(mode="after")
    def _keys_are_fernet_keys(self) -> Self:
        for key in self.token_encryption_keys.get_secret_value().split(","):
            try:
                size = len(urlsafe_b64decode(key.strip()))
            except ValueError:
                size = 0
            if size != FERNET_KEY_BYTES:
                raise ValueError(
                    "TOKEN_ENCRYPTION_KEYS must be keys of 32 bytes in URL-safe base64, with a "
                    "comma between two"
                )
        return self

    @model_validator(mode="after")
    def _stripe_needs_its_key(self) -> Self:
        if self.payment_provider == "stripe" and self.stripe_api_key is None:
            raise ValueError("PAYMENT_PROVIDER is stripe, so STRIPE_API_KEY must be set")
        return self


def load_settings() -> Settings:
    """Read the settings; raises SettingsError for the first that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(map(str, problem["loc"])).upper()
        message = problem["msg"].removeprefix("Value error, ")
        raise SettingsError(f"setting {name}: {message}" if name else message) from None
    except (OSError, ValueError) as error:  # such as a .env that is no text
        raise SettingsError(f"the file .env cannot be read: {error}") from None
