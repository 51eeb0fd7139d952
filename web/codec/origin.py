"""What the Temporal UI's pages, which are of another origin, may read of our answers."""

from urllib.parse import urlsplit

from config import Settings

API_PATH = "/codec"
DESK_PATH = "/desk/codec"

DEFAULT_PORTS = {"http": ":80", "https": ":443"}
"""What a browser leaves out of an origin."""


def origin_of_ui(settings: Settings) -> str:
    """Return the origin of the Temporal UI, as its browser names it."""
    parts = urlsplit(settings.temporal_ui_url.lower())
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host.removesuffix(DEFAULT_PORTS.get(parts.scheme, ''))}"


def is_of_codec(path: str) -> bool:
    """Tell whether a path is one of the codec server's."""
    return path.startswith((f"{API_PATH}/", f"{DESK_PATH}/"))


def fields_of(settings: Settings) -> dict[str, str]:
    """Return the fields by which a browser shows an answer to the UI's pages, and no others."""
    return {
        "Access-Control-Allow-Origin": origin_of_ui(settings),
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }


PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Namespace",
    "Access-Control-Max-Age": "600",
}
"""What a browser is told that asks whether such a page may send something."""
