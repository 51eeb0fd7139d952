"""How both applications use the framework, where its defaults are not ours."""

from fastapi.telemetry import TelemetryConfig

NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""Traces of requests are ours (``web/traces.py``). By default variables of the environment that are
no settings of ours would make it send to an exporter what it sees of requests; and each request
pays for asking whether they do."""
