"""Readiness of the API: exit 0 when it can reach its database and Redis.

/api/v1/ready answers 200 whatever it found; the verdict is the field `status` of the body.
"""

import json
import sys
from urllib.request import urlopen

try:
    with urlopen("http://127.0.0.1:8000/api/v1/ready", timeout=2) as answer:  # the probe's own limit is 3 s
        status = json.load(answer).get("status")
except (OSError, ValueError) as error:
    sys.exit(f"/api/v1/ready does not answer: {error}")
if status != "ready":
    sys.exit(f"/api/v1/ready says {status}")
