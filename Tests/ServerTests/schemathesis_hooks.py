"""Adjustments to Schemathesis for Mynah, with reasons."""

import json
import os

import httpx
import schemathesis
from schemathesis.specs.openapi.checks import content_type_conformance, positive_data_acceptance

# Rules that a schema cannot express, so that matching data may still be refused: code, parameter, words of the
# message.
REFUSED_ALL_THE_SAME = [
    ("invalid_cursor", "after", ""),  # Only the server creates cursors.
    ("invalid_value", None, "U+0000"),  # Documented once for the whole API.
    ("invalid_value", "provider", "must be one of"),  # The valid values depend on the settings.
    ("model_not_allowed", "model", ""),  # A chatbot offers only its configured models.
    ("invalid_value", "email", "e-mail address"),  # `format: email` checks neither deliverability nor line ends.
    ("invalid_value", "username", "needs a user name"),  # One of two fields is required.
    ("missing_field", None, ""),  # Likewise, or as the kind of grant requires.
    ("password_too_common", "password", ""),
    ("password_too_common", "new_password", ""),
    ("invalid_value", "user_id", ""),  # Exactly one of three fields.
    ("invalid_value", None, "blank"),  # Unicode has more white space than regular expressions.
    ("invalid_value", "url", ""),  # An address with a picture.
    ("invalid_value", "folder", "when composed"),  # Normalization can lengthen a text.
    ("invalid_value", "slug", "look like an id"),
    ("invalid_value", None, "invisible characters"),  # A regular expression cannot express forbidden names.
    ("invalid_value", None, "visible character"),
    ("invalid_value", None, "without control characters"),
    ("invalid_value", None, "direction of text"),
    ("invalid_value", "username", "accepted form"),  # Not every engine of regular expressions knows what a letter is.
    ("invalid_value", "username", "letter"),  # A letter or a digit, and letters of one alphabet.
    ("invalid_value", "username", "combining mark"),
    ("missing_field", "token", ""),  # One of two fields.
    ("invalid_link", "invitation", ""),
    ("invalid_value", "expires_at", ""),  # A time that has passed, or that no calendar contains.
    ("invalid_value", "scopes", ""),  # At least one scope; for a publishable key exactly one.
    ("invalid_value", "origins", ""),  # Origins as browsers write them.
    ("invalid_value", "llm_endpoint_url", ""),  # Only http and https addresses.
    ("idempotency_mismatch", None, ""),
    ("invalid_value", "from", ""),  # A time before another one, within a maximum distance.
    ("invalid_value", "is_default", ""),  # One plan is the default.
    ("invalid_value", "plan", ""),  # The valid values are the existing ones.
    ("invalid_value", "cidr", ""),
    ("invalid_value", "base_url", ""),  # The same as llm_endpoint_url.
    ("invalid_value", "code", "the code of now"),
    ("invalid_link", "token", ""),  # Only the server creates links.
    ("invalid_link", None, ""),
    ("invalid_value", None, "'messages"),  # The contents of a message depend on its role.
    ("invalid_value", "starters", "at most 6 items"),
    ("invalid_value", "question", "more than marks and spaces"),
    ("invalid_value", "answer", "more than spaces"),
    ("invalid_value", "part", "of this upload has"),  # The length of a part depends on the upload.
    ("invalid_value", "stop", "array of up to 16"),  # A text or an array of texts.
    ("invalid_value", None, "'system"),  # Likewise, with blocks.
    ("invalid_value", "output_config.format", ""),  # A schema beside its type.
    ("invalid_value", "tool_choice", ""),  # One of the request's tools.
    ("unsupported_input", None, ""),  # What a model takes depends on its vendor.
    ("tool_not_allowed", None, ""),
    ("invalid_value", None, "'per_call"),  # Prices have two names.
    ("invalid_value", None, "'attachments["),  # One of two fields.
    ("invalid_value", "prompt", "array of texts"),  # A text or an array of texts.
    ("invalid_value", None, "'input"),  # A text or an array of one of several forms.
    ("invalid_value", "stop_sequences", "at most 16 items"),  # Counting tokens takes what a message takes.
    ("previous_response_not_found", None, ""),  # Only the server creates responses.
    ("invalid_value", None, "'tools["),  # Anthropic's own tools run at Anthropic only.
]


@schemathesis.check
def data_that_fits_is_accepted(ctx, response, case):
    """Schemathesis' own check, except for rules that no schema expresses, such as routes for WebSockets only, and for what
    is beyond the plan after many calls."""
    if response.status_code in (402, 426):
        return None
    # The type of a file is in its bytes.
    if response.status_code == 415 and case.path.endswith("/files"):
        return None
    body = json.loads(response.content) if response.status_code in (400, 422) else {}
    # OAuth's errors have the usual one beside them.
    error = body.get("mynah") or body.get("error")
    # On /v1 what is 422 elsewhere is 400, as OpenAI and Anthropic answer.
    if error and (response.status_code == 422 or "/v1/" in case.path or "mynah" in body):
        for code, param, words in REFUSED_ALL_THE_SAME:
            if error["code"] == code and param in (None, error["param"]) and words in error["message"]:
                return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.check
def the_type_is_a_documented_one(ctx, response, case):
    """Schemathesis' own check, except for the bytes of a file: they have the file's own type, and the document says bytes,
    which is what generated clients can read."""
    if case.operation.path.endswith("/content") and response.status_code in (200, 206):
        return None
    return content_type_conformance(ctx, response, case)


if "SIGN_IN_AS" in os.environ:

    @schemathesis.auth(refresh_interval=None)
    class SignIn:
        """A separate session for each request that ends its session."""

        def get(self, case, ctx):
            form = {"username": os.environ["SIGN_IN_AS"], "password": os.environ["SIGN_IN_WITH"]}
            return httpx.post(os.environ["SIGN_IN_AT"], data=form).json()["access_token"]

        def set(self, case, data, ctx):
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"
