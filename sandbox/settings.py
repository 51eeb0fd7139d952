"""The settings of the local stack and its demo, which must not be production's.

Without it the demo's orders would be charged for, wherever the settings of this terminal point.
"""

from config import Settings, SettingsError, load_settings
from environment import production_because


def sandbox_settings() -> Settings:
    """Return the settings; raise SettingsError if they are production's."""
    settings = load_settings()
    because = production_because(settings)
    if because is not None:
        raise SettingsError(f"{because}; the local stack and its demo are a sandbox")
    return settings
