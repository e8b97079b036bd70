"""PostHog's published client for Python. Prints the ids that it made and the errors that it was told of."""

import json
import sys

from posthog import Posthog

url, key, mode = sys.argv[1:]
errors = []
client = Posthog(key, host=url, gzip=mode == "gzip", on_error=lambda error, _: errors.append(str(error)))
ids = [
    client.set(distinct_id="ph-u", properties={"plan": "anual"}),
    client.capture("Signed Up", distinct_id="ph-u", properties={"price": 12.5, "note": "ñ 🌊"}),
    client.capture("$pageview", distinct_id="ph-u", properties={"$current_url": "https://marea.example/precios"}),
    client.alias("ph-old", "ph-u"),
]
client.shutdown()
print(json.dumps({"ids": ids, "errors": errors}))
