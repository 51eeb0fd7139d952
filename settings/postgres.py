"""PostgreSQL's URLs, as libpq reads them: the one place that says what is in one.

A managed database comes as a URL with parameters that only libpq knows all of, from ``sslmode`` to
``channel_binding``. So libpq parses it and connects by it, with what PGHOST, PGPASSWORD and its
other variables add. What libpq says of a URL it cannot read may contain the password, and is never
repeated.
"""

import re
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

_SCHEME = re.compile(r"postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
_UNKNOWN_PARAMETER = re.compile(r'invalid URI query parameter: "([\w.-]{1,64})"')
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_WITH_TLS = frozenset(_SSL_MODES[3:])
_ONE_OF = {
    "sslmode": _SSL_MODES,
    "channel_binding": ("disable", "prefer", "require"),
    "target_session_attrs": (
        *("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    ),
}
_NEEDLESS = frozenset(
    {"pgbouncer", "prepared_statement_cache_size", "statement_cache_size", "statement_cache_mode"}
)
"""What other clients want to be told of a pooler. It is nothing to us: we prepare no statements."""
_SYSTEMS_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
"""Where Linux distributions and macOS have them."""


class UnusableUrl(ValueError):
    """libpq could not connect by a URL; the message says why, after the name of a setting."""


def is_postgres(url: str) -> bool:
    """Tell whether a URL is PostgreSQL's, whatever driver it names."""
    return _SCHEME.match(url) is not None


class PostgresUrl:
    """What a URL says.

    ``parameters`` are libpq's, by their names. Raises UnusableUrl.
    """

    def __init__(self, url: str) -> None:
        self.parameters = _parsed(url)
        for name, allowed in _ONE_OF.items():
            if self.parameters.get(name, allowed[0]) not in allowed:
                raise UnusableUrl(f"has a wrong {name}: use {', '.join(allowed)}")
        if self.parameters.get("sslrootcert") == "system":
            self._trust_this_system()

    def _trust_this_system(self) -> None:
        """Name the file of the system's certificates, where libpq of a wheel does not look."""
        if self.parameters.setdefault("sslmode", "verify-full") != "verify-full":
            raise UnusableUrl("has sslrootcert=system, which sslmode=verify-full must go with")
        files = (ssl.get_default_verify_paths().cafile, *_SYSTEMS_CERTIFICATES)
        found = next((file for file in files if file and Path(file).is_file()), None)
        if found is None:
            raise UnusableUrl(
                "has sslrootcert=system, but this system's certificates are in no file that is "
                "known: name one"
            )
        self.parameters["sslrootcert"] = found

    @property
    def hosts(self) -> list[str]:
        """Where the server may be; a path, or none at all, is a socket of this machine."""
        # Where both are given, the other one is only the name in the certificate.
        listed = self._in_force.get("hostaddr") or self._in_force.get("host") or ""
        return [host for host in listed.split(",") if host and not host.startswith(("/", "@"))]

    @property
    def sends_password_openly(self) -> bool:
        """Whether a password may go to the server without TLS."""
        has_password = any(self._in_force.get(name) for name in ("password", "passfile", "service"))
        return has_password and self._in_force.get("sslmode") not in _WITH_TLS

    @cached_property
    def _in_force(self) -> Mapping[str, str]:
        """The parameters, with what libpq takes from its variables and its defaults."""
        from psycopg.pq import Conninfo

        given = {
            option.keyword.decode(): option.val.decode()
            for option in Conninfo.get_defaults()
            if option.val
        }
        return given | self.parameters

    def __str__(self) -> str:
        """Where it is, with no password and no parameters."""
        known = self._in_force
        user = f"{quote(self.parameters['user'])}@" if "user" in self.parameters else ""
        hosts = (known.get("host") or known.get("hostaddr") or "").split(",")
        ports = known.get("port", "").split(",")
        ports = ports * len(hosts) if len(ports) == 1 else ports
        where = ",".join(map(_address, hosts, ports))
        return f"postgresql://{user}{where}/{quote(known.get('dbname', ''))}"


def _parsed(url: str) -> dict[str, str]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        found = conninfo_to_dict(_in_libpqs_words(url))
    except (ProgrammingError, ValueError) as error:
        unknown = _UNKNOWN_PARAMETER.search(str(error))
        if unknown:
            raise UnusableUrl(f"has a parameter that libpq does not know: {unknown[1]}") from None
        raise UnusableUrl(_UNREADABLE) from None
    parameters = {name: str(value) for name, value in found.items() if value is not None}
    # Where a password holds one of these, what follows it was taken for another part.
    misread = any("@" in parameters.get(name, "")[1:] for name in ("host", "dbname"))
    if misread or not re.fullmatch(r"[\d,]*", parameters.get("port", "")):
        raise UnusableUrl(_UNREADABLE)
    return parameters


_UNREADABLE = (
    "cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, and in user and password "
    "%40 for @, %3A for :, %2F for /, %25 for %"
)


def _address(host: str, port: str) -> str:
    name = f"[{host}]" if ":" in host else quote(host, safe="")
    return f"{name}:{port}" if port else name


def _in_libpqs_words(url: str) -> str:
    """Return the URL without a driver, and without what only other clients know."""
    rest = _SCHEME.sub("", url, count=1)
    before, mark, query = rest.rpartition("?")
    if not mark or "@" in query:  # a question mark of a password
        return f"postgresql://{rest}"
    kept = []
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        if name not in _NEEDLESS:
            kept.append(f"sslmode={value}" if name == "ssl" and value in _SSL_MODES else parameter)
    return f"postgresql://{before}?{'&'.join(kept)}"
