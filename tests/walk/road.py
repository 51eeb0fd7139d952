"""The road of docs/production.md, step by step, as an operator types it."""

import base64
import json
import secrets
from contextlib import ExitStack
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import SecretStr

from config import ROOT
from sandbox.samples import ORDERS, RECEIPTS
from sandbox.stack import Stack, free_ports
from tests.walk.infrastructure import (
    ACCESS_KEY_ID,
    APPLICATION,
    BUCKET,
    DATABASE,
    HOST,
    OWNER,
    REGION,
    Certificate,
    behind_tls,
    bucket_in_another_region,
    postgres_with_passwords,
)
from tests.walk.terminal import Operator, Transcript

NAMESPACE = "shop"
PROVIDER_KEY = "provider-secret"

GRANTS = """\
GRANT SELECT ON records_version TO app;
GRANT SELECT, INSERT, UPDATE ON expenses, expense_edits, expense_unconfirmed, expense_details,
  confirmed_merchants, sent_mails, orders, access_keys TO app;
GRANT SELECT, INSERT, DELETE ON ended_sessions TO app;
GRANT SELECT, INSERT ON action_log TO app;"""
"""What docs/production.md says that the role of the programs needs."""


class Road:
    """The infrastructure, the settings for it, and the operator who walks along."""

    def __init__(self, folder: Path, transcript: Transcript) -> None:
        self._folder = folder
        self._undo = ExitStack()
        self._page = transcript
        self.operator = Operator(transcript, folder)
        self._own = dict[str, str]()

    def walk(self) -> None:
        """Walk it all; raise WalkFailed at the first command that ends otherwise."""
        with self._undo:
            self._build()
            self._undo.callback(self.operator.end)
            self._without_settings()
            self._settings()
            self._prepare()
            self._serve()
            self._work()
            self._look()
            self._deploy()
            self._privacy()

    # --- what is there already ----------------------------------------------------------------

    def _build(self) -> None:
        certificate = Certificate(self._folder)
        stack = Stack.isolated(self._folder / "there")
        changed = {"provider_api_key": SecretStr(PROVIDER_KEY)}
        stack.settings = stack.settings.model_copy(update=changed)
        self._undo.enter_context(stack)
        self._database = self._folder / "there/temporal/temporal.db"
        plain = int(stack.temporal_address.rpartition(":")[2])
        temporal = self._undo.enter_context(behind_tls(plain, certificate))
        postgres = self._undo.enter_context(postgres_with_passwords(self._folder / "pg"))
        s3 = self._undo.enter_context(bucket_in_another_region())
        server, health = free_ports(2)
        self._server, self._health = f"http://{HOST}:{server}", health
        at = f"{HOST}:{postgres}/{DATABASE}"
        self._owner = f"postgresql://{OWNER}:{OWNER}-secret@{at}"
        self._own = {
            "ENVIRONMENT": "production",
            "TEMPORAL_ADDRESS": f"{HOST}:{temporal}",
            "TEMPORAL_NAMESPACE": NAMESPACE,
            "TEMPORAL_TLS": "true",
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(certificate.issuer),
            "TEMPORAL_API_KEY": "temporal-secret",
            "TEMPORAL_UI_URL": "https://temporal.shop.example",
            "DATABASE_URL_FILE": self._secret(
                "database-url", f"postgresql://{APPLICATION}:{APPLICATION}-secret@{at}"
            ),
            "TOKEN_ENCRYPTION_KEYS_FILE": self._secret(
                "token-keys", Fernet.generate_key().decode()
            ),
            "PAYLOAD_ENCRYPTION_KEYS_FILE": self._secret(
                "payload-keys", "2026:" + base64.b64encode(secrets.token_bytes(32)).decode()
            ),
            "S3_ENDPOINT_URL": s3,
            "S3_REGION": REGION,
            "S3_BUCKET": BUCKET,
            "S3_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "S3_SECRET_ACCESS_KEY_FILE": self._secret("bucket-key", "bucket-secret"),
            "PROVIDER_API_URL": stack.settings.provider_api_url.replace("127.0.0.1", HOST),
            "PROVIDER_API_KEY_FILE": self._secret("provider-key", PROVIDER_KEY),
            "SMTP_HOST": HOST,
            "SMTP_PORT": str(stack.settings.smtp_port),
            "MAIL_FROM": "orders@shop.example",
            "SERVER_HOST": HOST,
            "SERVER_PORT": str(server),
            "SERVER_URL": "https://desk.shop.example",
            "SERVER_SESSION_KEY_FILE": self._secret("session-key", secrets.token_urlsafe(32)),
            "BUSINESS_TIME_ZONE": "Europe/Berlin",
            "BUSINESS_COUNTRY": "DE",
        }
        provider = int(self._own["PROVIDER_API_URL"].rpartition(":")[2])
        self._page.names |= {
            f"{HOST}:{temporal}": "temporal.shop.example:7233",
            f"{HOST}:{postgres}": "db.shop.example:5432",
            s3: "https://s3.eu-central-1.shop.example",
            s3.partition("//")[2]: "s3.eu-central-1.shop.example",
            f"http://{HOST}:{provider}": "https://providers.shop.example",
            f"{HOST}:{stack.settings.smtp_port}": "mail.shop.example:587",
            f"PORT={stack.settings.smtp_port}": "PORT=587",
            f"http://{HOST}:{server}": "http://localhost:8080",
            f"PORT={server}": "PORT=8080",
            f"{HOST}:{health}": "localhost:8090",
            f"PORT={health}": "PORT=8090",
            str(self._folder): "/srv/shop",
            f"{ROOT}/": "",
        }

    def _secret(self, name: str, value: str) -> str:
        folder = self._folder / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(value)
        return str(file)

    # --- the road -----------------------------------------------------------------------------

    def _without_settings(self) -> None:
        self._page.heading("Nothing of the sandbox by accident")
        self.operator.types("python worker.py", 2, ENVIRONMENT="production")

    def _settings(self) -> None:
        self._page.heading("Settings")
        self._page.text("Secrets are in files; everything else is in the environment:")
        self._page.shown(*(f"{name}={value}" for name, value in self._own.items()), "")
        self.operator.settings = self._own

    def _prepare(self) -> None:
        self._page.heading("Namespace, tables and rights")
        types = self.operator.types
        types("python starter.py check", 1)
        types("python starter.py setup --retention-days 30")
        types("python starter.py setup --retention-days 30")
        owner = self._secret("owner-url", self._owner)
        types(f"DATABASE_URL_FILE={owner} python starter.py migrate")
        types(f"DATABASE_URL_FILE={owner} python starter.py migrate")
        self._page.text("The rights of the programs' own role, as the owner:")
        self._grant()

    def _grant(self) -> None:
        import psycopg

        with psycopg.connect(self._owner, autocommit=True) as connection:
            connection.execute(GRANTS.encode())
        self._page.shown(*GRANTS.splitlines(), "")

    def _serve(self) -> None:
        self._page.heading("Workers by role, and the front door")
        starts = self.operator.starts
        port = {"HEALTH_PORT": str(self._health)}
        starts("flows", "python worker.py --role workflows", "worker ready", **port)
        starts("calls", "python worker.py --role providers", "worker ready")
        starts("reads", "python worker.py --role ocr", "worker ready")
        starts("door", "python server.py", "serving")
        types = self.operator.types
        types("python starter.py check")
        types(f"curl -s http://{HOST}:{self._health}/readyz")
        types(f"curl -s {self._server}/readyz")

    def _work(self) -> None:
        self._page.heading("Orders and receipts")
        said = self.operator.types("python starter.py keys add web-shop --role submit --json")
        key = json.loads(said.splitlines()[0])["key"]
        self._page.lines = [line.replace(key, "KEY") for line in self._page.lines]
        self._page.names[key] = "KEY"
        document = json.loads((ORDERS / "small.json").read_text())
        order = self._folder / "order.json"
        order.write_text(json.dumps({**document, "order_id": "1001"}))
        bearer = f"-H 'Authorization: Bearer {key}'"
        sends = f"{bearer} -H 'Content-Type: application/json' --data @{order}"
        types = self.operator.types
        types(f"curl -s {sends} {self._server}/orders")
        types(f"python starter.py order {ORDERS / 'large.json'} --json")
        types(f"python starter.py receipt {RECEIPTS / 'grocery.jpg'} --user ada --wait")

    def _look(self) -> None:
        self._page.heading("What those on call see")
        self.operator.until("python starter.py status 1001", "waiting_for_business_day")
        types = self.operator.types
        types("python starter.py status 1001")
        types("python starter.py expedite 1001")
        self.operator.until("python starter.py status 1001", "completed")
        types("python starter.py approve ord_2026_002 --by grace --reason 'known customer'")
        types("python starter.py list")
        types("python starter.py list --stuck")
        types("python starter.py audit")

    def _deploy(self) -> None:
        self._page.heading("A deploy")
        types = self.operator.types
        types("python starter.py replay")
        self.operator.terminates("flows")
        self.operator.starts("flows", "python worker.py --role workflows", "worker ready")
        types("python starter.py check")

    def _privacy(self) -> None:
        self._page.heading("What Temporal's database does not have")
        self._page.text(
            "Addresses and names of the order and the receipt, in the server's own file:"
        )
        address = json.loads((ORDERS / "small.json").read_text())["customer_email"]
        self.operator.types(f"cat {self._database}* | grep -aFc {address}", 1)
        self._page.heading("A person who wants to be forgotten")
        self.operator.types("python starter.py erase --user ada")
        self._page.text("Only the owner may delete from every table:")
        owner = self._folder / "secrets/owner-url"
        erase = "python starter.py erase --user ada --by ops --yes"
        self.operator.types(f"DATABASE_URL_FILE={owner} {erase}")
        self.operator.types("python starter.py audit")
