"""Sign-in, refresh and revocation with the OAuth libraries that applications use."""
import os

import httpx
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from client import PASSWORD, User
from joserfc import jwt
from joserfc.jwk import KeySet
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient, UnsupportedGrantTypeError
from requests_oauthlib import OAuth2Session

NAME = "oauth-রহিম-李雷"
# Authlib cannot send any other.
PLAIN_NAME = "oauth-grace"


@pytest.fixture(scope="module")
def server(mynah):
    for name in (NAME, PLAIN_NAME):
        User(mynah, name)
    return mynah


@pytest.fixture
def session(monkeypatch):
    # The library refuses plain HTTP otherwise.
    monkeypatch.setitem(os.environ, "OAUTHLIB_INSECURE_TRANSPORT", "1")
    return OAuth2Session(client=LegacyApplicationClient(client_id="an-application"))


@pytest.fixture(scope="module")
def metadata(server):
    found = httpx.get(f"{server.url}/.well-known/oauth-authorization-server").json()
    # Without PUBLIC_URL the issuer is `localhost`; the test reaches the server by its address.
    return {
        key: value.replace(found["issuer"], server.url) if isinstance(value, str) and key != "issuer" else value
        for key, value in found.items()
    }


def is_in(server, token):
    return httpx.get(f"{server.url}/users/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_requests_oauthlib(server, metadata, session):
    url = metadata["token_endpoint"]
    with pytest.raises(InvalidGrantError):
        session.fetch_token(url, username=NAME, password="wrong wrong 12 密码")
    first = session.fetch_token(url, username=NAME, password=PASSWORD)
    assert session.get(f"{server.url}/users/me").json()["username"] == NAME
    second = session.refresh_token(url, refresh_token=first["refresh_token"])
    assert second["access_token"] != first["access_token"] and is_in(server, second["access_token"])
    with pytest.raises(InvalidGrantError):
        session.refresh_token(url, refresh_token="made-up")
    refused = httpx.post(url, data={"grant_type": "client_credentials"})
    with pytest.raises(UnsupportedGrantTypeError):
        LegacyApplicationClient("an-application").parse_request_body_response(refused.text)


def test_authlib(server, metadata):
    client = OAuth2Client(client_id="an-application", token_endpoint_auth_method="none")
    url = metadata["token_endpoint"]
    with pytest.raises(OAuthError) as refused:
        client.fetch_token(url, grant_type="password", username=PLAIN_NAME, password="wrong wrong 12")
    assert refused.value.error == "invalid_grant" and refused.value.description
    grant = client.fetch_token(url, grant_type="password", username=PLAIN_NAME, password=PASSWORD)
    assert client.get(f"{server.url}/users/me").json()["username"] == PLAIN_NAME
    successor = client.refresh_token(url, refresh_token=grant["refresh_token"])
    assert client.revoke_token(metadata["revocation_endpoint"], successor["refresh_token"]).status_code == 200
    assert not is_in(server, successor["access_token"])
    with pytest.raises(OAuthError) as ended:
        client.refresh_token(url, refresh_token=successor["refresh_token"])
    assert ended.value.error == "invalid_grant"


def test_a_token_is_verified_by_the_published_keys(server, metadata):
    grant = httpx.post(metadata["token_endpoint"], data={"username": NAME, "password": PASSWORD}).json()
    keys = KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).json())
    token = jwt.decode(grant["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": metadata["issuer"]}, aud={"essential": True, "value": "mynah"},
        exp={"essential": True}, iat={"essential": True}, sub={"essential": True}, jti={"essential": True},
        client_id={"essential": True},
    ).validate(token.claims)
    assert token.claims["exp"] - token.claims["iat"] == grant["expires_in"]
