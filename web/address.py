"""The address of the HTTP door, as others see it."""

from config import Settings


def is_secure(settings: Settings) -> bool:
    """Tell whether browsers reach the door over TLS alone."""
    return settings.server_address.startswith("https://")
