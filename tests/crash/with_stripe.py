"""Settings with which the sandbox's own Stripe is paid."""

from config import Settings


def paying_with_stripe(settings: Settings) -> Settings:
    """Return the settings of a worker beside theirs, which charges through the Stripe provider."""
    changed = {
        "payment_provider": "stripe",
        "stripe_api_key": settings.provider_api_key,
        "stripe_api_url": settings.provider_api_url,
        "task_queue": f"{settings.task_queue}-stripe",
    }
    return settings.model_copy(update=changed)
