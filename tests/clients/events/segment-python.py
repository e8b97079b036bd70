"""Segment's published client for Python: an event of every kind. Prints the ids that it made and the errors that it was told of."""

import datetime
import json
import sys

from segment.analytics.client import Client

url, key, mode = sys.argv[1:]
errors = []
client = Client(key, host=url, gzip=mode == "gzip", on_error=lambda error, _: errors.append(str(error)), max_retries=3)
who = {"user_id": "py-u", "anonymous_id": "py-a"}
sent = [
    client.identify(**who, traits={"plan": "anual", "since": datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.timezone.utc)}),
    client.page(**who, name="Precios", properties={"url": "https://marea.example/precios"}),
    client.screen(**who, name="Inicio"),
    client.group(**who, group_id="escuela-7", traits={"name": "Escuela Norte"}),
    client.alias("py-u", "py-u2"),
    client.track(**who, event="Signed Up", properties={"price": 12.5, "note": "ñ 🌊"}),
]
client.shutdown()
print(json.dumps({"ids": [message["messageId"] for _, message in sent], "errors": errors}))
