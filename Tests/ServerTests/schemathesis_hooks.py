"""What Schemathesis does differently against Mynah, and why."""

import json
import os

import httpx
import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

# What a schema cannot say, so that data which fits it may be refused all the same: code, parameter, words of the
# message.
REFUSED_ALL_THE_SAME = [
    ("invalid_cursor", "after", ""),  # Cursors are the server's own.
    ("invalid_value", None, "U+0000"),  # Said once for the whole API.
    ("invalid_value", "provider", "must be one of"),  # Which ones there are is a matter of settings.
    ("model_not_allowed", "model", ""),  # A chatbot offers the models it is given.
    ("invalid_value", "email", "e-mail address"),  # `format: email` knows no deliverable names, and no header's ends.
    ("invalid_value", "username", "needs a user name"),  # One of two fields is needed.
    ("missing_field", None, ""),  # Likewise, or as the kind of grant demands.
    ("password_too_common", "password", ""),
    ("password_too_common", "new_password", ""),
    ("invalid_value", "user_id", ""),  # Exactly one of three names.
    ("invalid_value", None, "blank"),  # White space is more in Unicode than in a regular expression.
    ("invalid_value", "slug", "look like an id"),
    ("invalid_value", None, "invisible characters"),  # What a name must not be, no regular expression says.
    ("invalid_value", None, "visible character"),
    ("invalid_value", None, "without control characters"),
    ("invalid_value", None, "direction of text"),
    ("invalid_value", "username", "letter"),  # A letter or a digit, and letters of one alphabet.
    ("invalid_value", "username", "combining mark"),
    ("missing_field", "token", ""),  # One of two fields.
    ("invalid_link", "invitation", ""),
    ("invalid_value", "expires_at", ""),  # A time that has passed, or that no calendar has.
    ("invalid_value", "scopes", ""),  # At least one of them, and of a publishable key just the one.
    ("invalid_value", "origins", ""),  # Origins as browsers write them.
    ("invalid_value", "llm_endpoint_url", ""),  # Of all addresses only those of http and https.
    ("idempotency_mismatch", None, ""),
    ("invalid_value", "from", ""),  # A time before another one, and not long before.
    ("invalid_value", "is_default", ""),  # One plan is.
    ("invalid_value", "plan", ""),  # Which ones there are.
    ("invalid_value", "cidr", ""),
    ("invalid_value", "base_url", ""),  # As llm_endpoint_url.
    ("invalid_value", "code", "the code of now"),
    ("invalid_link", "token", ""),  # Links are the server's own.
    ("invalid_link", None, ""),
    ("invalid_value", None, "'messages"),  # What a message may hold depends on its role.
    ("invalid_value", "stop", "array of up to 16"),  # A text or an array of texts.
    ("invalid_value", None, "'system"),  # Likewise, of blocks.
    ("invalid_value", None, "'tools["),  # Anthropic's own tools run at Anthropic's alone.
]


@schemathesis.check
def data_that_fits_is_accepted(ctx, response, case):
    """Schemathesis' own check, but for what no schema can say, such as that a route is for WebSockets alone."""
    if response.status_code == 426:
        return None
    if response.status_code == 422:
        error = json.loads(response.content)["error"]
        for code, param, words in REFUSED_ALL_THE_SAME:
            if error["code"] == code and param in (None, error["param"]) and words in error["message"]:
                return None
    return positive_data_acceptance(ctx, response, case)


if "SIGN_IN_AS" in os.environ:

    @schemathesis.auth(refresh_interval=None)
    class SignIn:
        """A session of each request's own, for requests that end sessions."""

        def get(self, case, ctx):
            form = {"username": os.environ["SIGN_IN_AS"], "password": os.environ["SIGN_IN_WITH"]}
            return httpx.post(os.environ["SIGN_IN_AT"], data=form).json()["access_token"]

        def set(self, case, data, ctx):
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"
