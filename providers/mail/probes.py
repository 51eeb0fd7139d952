"""Whether mail can be sent: connection, encryption and login, and no mail."""

import contextlib
import ssl

import aiosmtplib

from config import Settings
from providers.errors import ProviderUnavailable, Unauthorized, Unfit
from providers.mail.smtp import CREDENTIAL_CODES, smtp_client


async def probe_smtp(settings: Settings) -> str:
    """Connect, encrypt and sign in; return what answered, in words.

    Raises Unauthorized, Unfit for an encryption that the server does not speak, or
    ProviderUnavailable.
    """
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    client = smtp_client(settings)
    try:
        await client.connect()
        with contextlib.suppress(aiosmtplib.SMTPException):
            await client.quit()
    except aiosmtplib.SMTPResponseException as error:
        if error.code in CREDENTIAL_CODES:
            raise Unauthorized(
                f"{where} refuses the login ({error.code}): check SMTP_USERNAME, SMTP_PASSWORD "
                "and SMTP_TLS"
            ) from error
        raise ProviderUnavailable(f"{where} answered {error.code} {error.message}") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        if _is_about_encryption(error):
            raise Unfit(
                f"{where} does not speak SMTP_TLS={settings.smtp_tls} as we do: "
                f"{_one_line(error)}; set SMTP_TLS and SMTP_PORT to what it speaks"
            ) from error
        raise ProviderUnavailable(f"{where}: {_one_line(error)}") from error
    finally:
        client.close()
    signed_in = "signed in" if settings.smtp_username is not None else "without login"
    return f"{where}, SMTP_TLS={settings.smtp_tls}, {signed_in}"


def probe_ses(settings: Settings) -> str:
    """Ask SES for the account, which sends nothing. Blocking.

    Raises Unfit if it may send nothing, Unauthorized or a retryable error.
    """
    import boto3

    from providers.transport.aws import ONE_ATTEMPT, aws_errors

    with aws_errors("SES: look at the account"):
        client = boto3.Session().client(
            "sesv2", region_name=settings.aws_region, config=ONE_ATTEMPT
        )
        with contextlib.closing(client):
            account = client.get_account()
    if not account.get("SendingEnabled"):
        raise Unfit("SES has paused the sending of this account: ask AWS why")
    if not account.get("ProductionAccessEnabled"):
        return "SES, in its sandbox: only verified addresses get mail"
    return "SES may send"


def _is_about_encryption(error: Exception) -> bool:
    causes = (error, error.__cause__, error.__context__)
    words = str(error).lower()
    return any(isinstance(one, ssl.SSLError) for one in causes) or "starttls" in words


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
