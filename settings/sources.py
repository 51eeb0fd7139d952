"""Secrets in files, so that they are in no environment.

Every child process inherits the environment, and many a crash report shows it.
"""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

SECRETS_FOLDER = Path("/run/secrets")
"""Where containers get their secrets, each in a file of its name."""

MAX_SECRET_BYTES = 64 * 1024

Variables = Mapping[str, str | None]
"""Variables by their names in small letters, as pydantic reads them."""

_IN_FILES_TOO = {"database_url"}
"""Settings that are no secrets as a whole, but may hold one."""


class SecretFileError(Exception):
    """A secret cannot be read from its file; the message is one sentence without the secret."""


def with_files(source: PydanticBaseSettingsSource) -> tuple[PydanticBaseSettingsSource, ...]:
    """Return a source of variables, and behind it that of the files which they name."""
    if not isinstance(source, EnvSettingsSource):
        return (source,)
    return source, NamedFiles(source.settings_cls, source.env_vars)


def read_from_files(fields: Mapping[str, FieldInfo]) -> list[str]:
    """Return the names of the settings whose values may stand in files."""
    return [
        name
        for name, field in fields.items()
        if name in _IN_FILES_TOO or _is_secret(field.annotation)
    ]


def _is_secret(annotation: Any) -> bool:
    """Tell whether a value may be a secret, also one that is checked (Annotated) and optional."""
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))


class _Files(PydanticBaseSettingsSource):
    """The secrets that stand in files."""

    @abstractmethod
    def secret(self, name: str) -> str | None:
        """Return the secret of the setting, if there is a file; raise SecretFileError."""

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002 - pydantic fixes the signature
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """Return the secret as pydantic wants it."""
        return self.secret(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return all secrets that stand in files, by the names of their settings."""
        names = read_from_files(self.settings_cls.model_fields)
        found = {name: self.secret(name) for name in names}
        return {name: secret for name, secret in found.items() if secret is not None}


class NamedFiles(_Files):
    """The secrets of files that variables name: SMTP_PASSWORD_FILE for SMTP_PASSWORD."""

    def __init__(self, settings: type[BaseSettings], variables: Variables) -> None:
        super().__init__(settings)
        self._variables = variables

    def secret(self, name: str) -> str | None:
        """Return what stands in the file that the setting's variable names, if one does."""
        variable = f"{name}_file"
        path = self._variables.get(variable)
        if not path:
            return None
        if self._variables.get(name):
            raise SecretFileError(
                f"{name.upper()} and {variable.upper()} are both set; set one of them"
            )
        return _secret_in(Path(path), f"the file of {variable.upper()}")


class MountedSecrets(_Files):
    """The secrets that a container was given, in files of their settings' names."""

    def secret(self, name: str) -> str | None:
        """Return what stands in the setting's file, if there is one."""
        for path in (SECRETS_FOLDER / name, SECRETS_FOLDER / name.upper()):
            with suppress(OSError):  # a folder that is not for us holds nothing for us
                if path.exists():
                    return _secret_in(path, f"the file {path}")
        return None


def _secret_in(path: Path, called: str) -> str:
    """Return what stands in a file, without the newline or byte order mark that editors add."""
    try:
        if path.exists() and not path.is_file():  # reading from a pipe would wait for ever
            raise SecretFileError(f"{called} is not a regular file")
        with path.open("rb") as file:
            content = file.read(MAX_SECRET_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is no path"
        raise SecretFileError(f"{called} cannot be read: {reason}") from None
    if len(content) > MAX_SECRET_BYTES:
        raise SecretFileError(f"{called} is larger than {MAX_SECRET_BYTES // 1024} KiB")
    try:
        secret = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SecretFileError(f"{called} is not text") from None
    secret = secret.removesuffix("\n").removesuffix("\r")
    if not secret.strip():
        raise SecretFileError(f"{called} is empty")
    if not secret.isprintable() and "\0" in secret:
        raise SecretFileError(f"{called} is not text")
    return secret
