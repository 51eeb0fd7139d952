"""``python -m sandbox.provider_api``: serve the API until SIGTERM or Ctrl-C."""

from sandbox.provider_api.server import main

main()
