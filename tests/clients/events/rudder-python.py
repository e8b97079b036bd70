"""RudderStack's published client for Python. Prints the ids that it made and the errors that it was told of."""

import json
import sys

from rudderstack.analytics.client import Client

url, key = sys.argv[1:]
errors = []
client = Client(key, host=url, on_error=lambda error, _: errors.append(str(error)), max_retries=3)
who = {"user_id": "r-u", "anonymous_id": "r-a"}
sent = [
    client.identify(**who, traits={"plan": "anual"}),
    client.page(**who, name="Precios", properties={"url": "https://marea.example/precios"}),
    client.track(**who, event="Signed Up", properties={"price": 12.5, "note": "ñ 🌊"}),
]
client.shutdown()
print(json.dumps({"ids": [message["messageId"] for _, message in sent], "errors": errors}))
