"""What Prometheus' own client library reads at /metrics: families with their kinds, and samples, as JSON. Stops where the text breaks the format."""

import json
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

url, key = sys.argv[1:]
request = urllib.request.Request(url, headers={"authorization": f"Bearer {key}"})
with urllib.request.urlopen(request) as answer:
    families = list(text_string_to_metric_families(answer.read().decode()))
    kind = answer.headers["content-type"]
print(json.dumps({
    "content_type": kind,
    "kinds": {family.name: family.type for family in families},
    "samples": [[sample.name, sample.labels, sample.value] for family in families for sample in family.samples],
}))
