"""A page that needs nothing else: its style, script and data inside, and a policy that lets nothing more run. Pure."""

import base64
import hashlib
import json
from typing import Any


def document(title: str, style: str, body: str, name: str, held: Any, script: str) -> str:
    """The whole page; `title` and `body` are HTML, `held` is the data of the element `name`, which the script reads."""
    data = json.dumps(held, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>\n<style>{style}</style></head>\n<body>{body}"
        f'<script type="application/json" id="{name}">{data}</script>\n<script>{script}</script></body></html>\n'
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
