"""What the widget is answered, and what it says then."""

import base64
import hashlib
import hmac
import json
import re

REPLY = """### Lamps

Some **bold** text, *lightly* and `code`. See [the list](https://example.org/?a=1&b=2).

1. One
2. Two
\t- inside

| Lamp | Price |
|---|--:|
| Small | 10 |

```js
let lamp = 1;
```"""


def error(status, code, retry_after=None):
    """An answer with an error, as the server gives it to a page of another origin."""
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    body = {"error": {"code": code, "type": "api_error", "message": "No.", "param": None, "request_id": "x"}}
    return {
        "status": status, "json": body, "headers": headers | ({"Retry-After": str(retry_after)} if retry_after else {}),
    }


def cut_off(visitor, key):
    """What is said without a connection. On a machine without a network, browsers say that they are offline."""
    return re.compile("|".join(re.escape(visitor.t[each]) for each in (key, "offline")))


def signed(secret, **claims):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    head = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (head + b"." + part(hmac.new(secret.encode(), head, hashlib.sha256).digest())).decode()
