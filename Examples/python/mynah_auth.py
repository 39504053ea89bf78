"""Identifies callers with Mynah. Needs `pip install 'PyJWT[crypto]' httpx`.

Access tokens are verified here with the keys that Mynah publishes. API keys are checked with GET /auth/verify, and the
answer is cached for some seconds. While Mynah is away, tokens stay valid as long as their signing key is known, and keys
for a minute; any other credential is 503.
"""

import hashlib
import json
import threading
import time
from dataclasses import dataclass

import httpx
import jwt

ACCEPTED_FOR, REFUSED_FOR, STALE_FOR = 5, 1, 60  # seconds
KEYS_INTERVAL, KEYS_FRESH_FOR, PEACE = 30, 600, 1  # seconds
CAPACITY = 10_000


@dataclass(frozen=True)
class Caller:
    role: str  # user or application; admin or staff for operators
    user_id: str | None = None
    workspace_id: str | None = None
    chatbot_id: str | None = None
    scopes: frozenset | None = None  # of a key: read, chat, write; None for a token, which may do all that its user may


class Refused(Exception):
    """The response for the caller: Mynah's own refusal, or one of the same form."""

    def __init__(self, status, body, retry_after=None):
        self.status, self.body = status, body
        self.headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        if status == 401:
            self.headers["WWW-Authenticate"] = "Bearer"
        if retry_after:
            self.headers["Retry-After"] = str(retry_after)


def refusal(status, code, message, retry_after=None):
    return Refused(status, json.dumps({"error": {"code": code, "message": message}}), retry_after)


class Away(Exception):
    pass


class MynahAuth:
    """Create one for a process; it is safe to share among threads."""

    def __init__(self, url, issuer=None, timeout=3):
        """`issuer` is Mynah's PUBLIC_URL and defaults to `url`; `mynah` accepts any address that Mynah signs with."""
        self.url = url.rstrip("/")
        self.issuer = issuer or self.url
        self.http = httpx.Client(timeout=timeout)
        self.lock = threading.Lock()
        self.keys_lock = threading.Lock()
        self.keys, self.keys_fetched, self.keys_tried = {}, None, None
        self.accepted, self.refused = {}, {}
        self.away_until = 0

    def caller(self, headers, roles=("user", "application"), scope=None):
        """Returns the caller with these headers; raises Refused."""
        caller = self._identify(headers.get("Authorization") or "", headers.get("X-API-Key"))
        if caller.role not in roles:
            raise refusal(403, "forbidden", "You are not allowed to do this.")
        if scope and caller.scopes is not None and scope not in caller.scopes:
            raise refusal(403, "key_not_allowed", f"This API key lacks the scope '{scope}'.")
        return caller

    def _identify(self, authorization, key):
        if key is None:
            kind, _, key = authorization.partition(" ")
            if kind.lower() != "bearer":
                raise refusal(401, "missing_credentials", "Send 'Authorization: Bearer …' or 'X-API-Key'.")
            if key.count(".") == 2:  # a token has three parts; no key has
                return self._verify(key)
        if not 0 < len(key) <= 2048 or not all("!" <= letter <= "~" for letter in key):
            raise refusal(401, "invalid_api_key", "This API key is not valid.")
        return self._ask(key)

    # Tokens

    def _verify(self, token):
        try:
            header = jwt.get_unverified_header(token)
            if header["alg"] != "ES256" or header["typ"] != "at+jwt":
                raise jwt.InvalidTokenError
            claims = jwt.decode(
                token, self._key(header["kid"]), algorithms=["ES256"], audience="mynah", leeway=5,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            if claims["iss"] != self.issuer and not (self.issuer == "mynah" and claims["iss"].startswith("http")):
                raise jwt.InvalidIssuerError
        except (jwt.InvalidTokenError, AttributeError, KeyError, TypeError, ValueError):
            raise refusal(401, "invalid_token", "The token is not valid or has expired. Sign in again.") from None
        return Caller("user", claims["sub"])

    def _key(self, kid):
        is_known = kid in self.keys
        # A known key does not wait for another thread's fetch.
        if self._may_fetch(is_known) and self.keys_lock.acquire(blocking=not is_known):
            try:
                if self._may_fetch(kid in self.keys):
                    self._fetch_keys()
            finally:
                self.keys_lock.release()
        if self.keys_fetched is None:
            raise refusal(503, "auth_unavailable", "Tokens cannot be checked at the moment.", 5)
        return self.keys[kid]  # a KeyError is an invalid token

    def _may_fetch(self, is_known):
        """Fetches the keys for an unknown key id, at most once in 30 seconds, so that made-up tokens cost no calls."""
        now = time.monotonic()
        if is_known and now < self.keys_fetched + KEYS_FRESH_FOR:
            return False
        failed = self.keys_fetched is None or self.keys_tried > self.keys_fetched
        return self.keys_tried is None or now >= self.keys_tried + (PEACE if failed else KEYS_INTERVAL)

    def _fetch_keys(self):
        self.keys_tried = time.monotonic()
        try:
            response = self.http.get(self.url + "/.well-known/jwks.json").raise_for_status()
            keys = {key["kid"]: jwt.PyJWK(key).key for key in response.json()["keys"] if key["alg"] == "ES256"}
        except (httpx.HTTPError, jwt.PyJWTError, KeyError, ValueError):
            return
        self.keys, self.keys_fetched = keys, time.monotonic()

    # Keys

    def _ask(self, key):
        digest, now = hashlib.sha256(key.encode()).digest(), time.monotonic()
        with self.lock:
            known, known_at = self.accepted.get(digest, (None, 0))
            error, refused_at = self.refused.get(digest, (None, 0))
        if known and now < known_at + ACCEPTED_FOR:
            return known
        if error and now < refused_at + REFUSED_FOR:
            raise error
        try:
            if now < self.away_until:
                raise Away
            caller = self._question(key)
        except Refused as error:
            with self.lock:
                if error.status != 429:
                    self.accepted.pop(digest, None)
                self._remember(self.refused, digest, error)
            raise
        except Away:
            if now >= self.away_until:
                self.away_until = now + PEACE
            if known and now < known_at + STALE_FOR:
                return known
            raise refusal(503, "auth_unavailable", "API keys cannot be checked at the moment.", 5) from None
        with self.lock:
            self._remember(self.accepted, digest, caller)
        return caller

    @staticmethod
    def _remember(answers, digest, answer):
        if len(answers) >= CAPACITY:
            answers.clear()
        answers[digest] = answer, time.monotonic()

    def _question(self, key):
        try:
            response = self.http.get(self.url + "/auth/verify", headers={"Authorization": f"Bearer {key}"})
        except httpx.HTTPError:
            raise Away from None
        told = response.headers
        if response.status_code == 204 and "X-Auth-Role" in told:
            names = ("Role", "User", "Workspace", "Chatbot", "Scopes")
            role, user, workspace, chatbot, scopes = (told.get(f"X-Auth-{name}") or None for name in names)
            return Caller(role, user, workspace, chatbot, scopes and frozenset(scopes.split()))
        if response.status_code in (401, 403, 429):
            raise Refused(response.status_code, response.text, told.get("Retry-After"))
        raise Away
