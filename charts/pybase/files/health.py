"""`helm test`: every URL of the arguments answers 200, and a readiness says ready; exit 1 with those that do not.

A Service may have no pod behind it for a moment (a rollout, an eviction), so each is asked for half a minute.
"""

import json
import sys
import time
from urllib.request import urlopen

DEADLINE = 30  # seconds for one URL
PAUSE = 2  # seconds between two attempts


def fault(url: str) -> str:
    """What is wrong with the answer, "" for nothing."""
    try:
        with urlopen(url, timeout=5) as answer:  # anything but 200 raises
            body = answer.read()
        status = json.loads(body).get("status") if url.endswith("/api/v1/ready") else "ready"
    except (OSError, ValueError, AttributeError) as error:
        return str(error)
    return "" if status == "ready" else f"says {status}"


def asked(url: str) -> str:
    """The last fault of a URL that has one until the deadline."""
    end = time.monotonic() + DEADLINE
    while (found := fault(url)) and time.monotonic() < end:
        time.sleep(PAUSE)
    return found


faults = {url: asked(url) for url in sys.argv[1:]}
for url, found in faults.items():
    print(f"{url}: {found or 'healthy'}", flush=True)
sys.exit(any(faults.values()))
