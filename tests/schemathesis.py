"""What schemathesis must be told to write the bodies of this API. `cargo xtask test openapi` names this file to it."""

import schemathesis

# Lines of JSON are sent as the text that they are: the lines of a backup that must be refused with a reason.
schemathesis.serializer.alias("application/x-ndjson", "text/plain")
