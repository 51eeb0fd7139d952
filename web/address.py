"""The address of the HTTP door, as others see it."""

from config import Settings


def server_url(settings: Settings) -> str:
    """Return the address of the HTTP door in links, without a slash at its end."""
    url = settings.server_url or f"http://{settings.server_host}:{settings.server_port}"
    return url.rstrip("/")


def is_secure(settings: Settings) -> bool:
    """Tell whether browsers reach the door over TLS alone."""
    return server_url(settings).startswith("https://")
