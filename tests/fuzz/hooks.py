"""What Schemathesis has to be told about our calls; it loads this by itself."""

import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")  # lines of text
