"""OpenAI's published client for Python: an answer, the same in pieces, and an error. Prints what it got."""

import json
import sys

from openai import APIStatusError, OpenAI

url, key = sys.argv[1:]
client = OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
ask = {"model": "orilla", "messages": [{"role": "user", "content": "¿Cuánto cuesta una clase de surf?"}]}
plain = client.chat.completions.create(**ask)
streamed = "".join(chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(**ask, stream=True) if chunk.choices)
try:
    OpenAI(base_url=f"{url}/v1", api_key="nobody", max_retries=0).chat.completions.create(**ask)
    error = "none"
except APIStatusError as raised:
    error = type(raised).__name__
print(json.dumps({"plain": plain.choices[0].message.content, "streamed": streamed, "source": plain.sources[0]["id"], "error": error}))
