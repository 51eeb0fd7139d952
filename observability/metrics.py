"""Where a process serves its metrics: the SDK's and ours, as Prometheus text."""

from temporalio.runtime import PrometheusConfig

from config import Settings

OCR_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the histogram's buckets: a receipt takes about a second, a long PDF minutes."""


def prometheus(settings: Settings) -> PrometheusConfig | None:
    """Return how metrics are served; None if METRICS_PORT is not set."""
    if settings.metrics_port is None:
        return None
    return PrometheusConfig(
        bind_address=f"{settings.monitoring_host}:{settings.metrics_port}",
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides={"pipelines_ocr_duration": OCR_SECONDS},
    )
