"""``python -m sandbox.provider_api``: serve the API until SIGTERM or Ctrl-C."""

from lifecycle import keep_files_private
from sandbox.provider_api.server import main

keep_files_private()
main()
