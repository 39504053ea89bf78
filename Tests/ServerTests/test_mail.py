"""Mail from the built program to a real mail server, and to faulty ones."""

import re
import sqlite3
import ssl
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from client import PASSWORD, eventually
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mail_sink import Scripted, Sink, link, plain, token
from mynah_process import command, free_port

FROM = "Mynah <no-reply@example.com>"
ADDRESS = "alice@example.com"


@pytest.fixture
def sink():
    sinks = []

    def start(**options):
        port = free_port()
        sinks.append(Sink(port, **options))
        return sinks[-1], port

    yield start
    for each in sinks:
        each.close()


@pytest.fixture
def scripted():
    servers = []

    def start(script):
        servers.append(Scripted(script))
        return servers[-1]

    yield start
    for each in servers:
        each.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Creates a key and a self-signed certificate for the name localhost."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")


def post(server, path, body, status, **headers):
    answer = httpx.post(server.url + path, json=body, headers=headers, timeout=30)
    assert answer.status_code == status, answer.text
    return answer


def register(server, email=ADDRESS):
    return post(server, "/auth/register", {"email": email, "password": PASSWORD}, 201)


def sign_in(server, password, status):
    return post(server, "/auth/token", {"username": ADDRESS, "password": password}, status)


def jobs(server):
    with sqlite3.connect(server.folder / "mynah.sqlite") as database:
        return database.execute("SELECT state, attempts, last_error FROM jobs WHERE kind = 'mail'").fetchall()


def canaries(server, *secrets):
    """None of these is in the log or in the database's files."""
    files = [path for path in server.folder.glob("mynah.sqlite*")] + [server.log]
    for path in files:
        for secret in secrets:
            assert secret.encode() not in path.read_bytes(), f"{secret} is in {path}"


def test_d19_mail(start, sink):
    """Links in mails confirm an address and reset a password."""
    mails, port = sink()
    server = start(SMTP_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM=FROM, PUBLIC_URL="https://chat.example.com")
    register(server)
    welcome = mails.take()
    assert mails.envelopes[0].mail_from == "no-reply@example.com" and mails.envelopes[0].rcpt_tos == [ADDRESS]
    assert welcome["From"] == '"Mynah" <no-reply@example.com>' or welcome["From"] == FROM
    assert welcome["To"] == ADDRESS and welcome["Subject"] == "Confirm your e-mail address"
    assert abs(welcome["Date"].datetime - datetime.now(timezone.utc)) < timedelta(minutes=5)
    assert re.fullmatch(r"<[0-9a-f-]{36}@example\.com>", welcome["Message-ID"])
    assert link(welcome).startswith("https://chat.example.com/#/verify?token=") and "24 hours" in plain(welcome)
    assert all(len(line) <= 998 for line in mails.envelopes[0].original_content.split(b"\r\n"))
    post(server, "/auth/email/verify", {"token": token(welcome)}, 204)

    post(server, "/auth/password/forgot", {"email": ADDRESS}, 202)
    reset = mails.take()
    assert "one hour" in plain(reset)
    post(server, "/auth/password/forgot", {"email": ADDRESS}, 202, **{"Accept-Language": "bn"})
    bengali = mails.take()
    assert bengali["Subject"] == "নতুন পাসওয়ার্ড বেছে নিন" and "এক ঘণ্টা" in plain(bengali)
    assert '<html lang="bn">' in bengali.get_body(("html",)).get_content()
    post(server, "/auth/password/reset", {"token": token(reset), "password": "a new song to sing"}, 204)
    sign_in(server, PASSWORD, 401)
    sign_in(server, "a new song to sing", 200)
    assert eventually(lambda: jobs(server) == [])
    canaries(server, token(welcome), token(reset), token(bengali))
    assert ADDRESS not in server.said


def test_starttls_and_password(start, sink, certificate):
    mails, port = sink(certificate=certificate, users={"me@example.com": "p:/@ ü"})
    url = f"smtp://me%40example.com:p%3A%2F%40%20%C3%BC@localhost:{port}?starttls=on&ca={certificate[0]}"
    server = start(SMTP_URL=url, MAIL_FROM=FROM)
    register(server)
    assert link(mails.take()).startswith(f"http://localhost:{server.port}/#/verify?token=")
    checked = command(server.folder, "doctor", SMTP_URL=url, MAIL_FROM=FROM)
    assert f"mail: localhost:{port} takes it" in checked.stdout, checked.stdout
    canaries(server, "p:/@ ü", "p%3A")


def test_implicit_tls(start, certificate, sink):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    mails, port = sink(ssl_context=context)
    server = start(SMTP_URL=f"smtps://localhost:{port}?ca={certificate[0]}", MAIL_FROM=FROM)
    register(server)
    assert mails.take()["To"] == ADDRESS


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_untrusted_certificate(start, sink, certificate, host):
    """An untrusted certificate and one for another name: neither mail nor password is sent."""
    mails, port = sink(certificate=certificate, users={"me": "secret"})
    trust = "" if host == "localhost" else f"&ca={certificate[0]}"
    server = start(SMTP_URL=f"smtp://me:secret@{host}:{port}?starttls=on{trust}", MAIL_FROM=FROM)
    register(server)
    assert eventually(lambda: any(error and error.startswith("TLS: ") for _, _, error in jobs(server))), jobs(server)
    assert mails.mails == []


def ordinary(line, number):
    """The responses of a mail server that accepts everything."""
    if line.startswith("EHLO"):
        return "250-scripted\r\n250-8BITMIME\r\n250 SIZE"
    return {"": "220 scripted", "DATA": "354 go on", "QUIT": "221 bye"}.get(line, "250 fine")


def saying(answers, calls=None):
    """Responds like `ordinary`, except to these beginnings of lines; only on the first `calls` connections if set."""
    def script(line, number):
        for beginning, answer in answers.items():
            if (line.startswith(beginning) if beginning else line == "") and number <= (calls or number):
                if answer is EOFError:
                    raise EOFError
                return answer
        return ordinary(line, number)
    return script


def settings(server_port, **options):
    query = "&".join(f"{name}={value}" for name, value in ({"timeout": 2} | options).items())
    return {"SMTP_URL": f"smtp://127.0.0.1:{server_port}?{query}", "MAIL_FROM": FROM}


@pytest.mark.parametrize(
    "answers, reason",
    [
        ({"": "554 5.3.2 go away"}, "the greeting: answered 554 5.3.2"),
        ({"MAIL": "550 5.7.1 not you"}, "MAIL: answered 550 5.7.1"),
        ({"RCPT": f"550 5.1.1 <{ADDRESS}> is nobody"}, "RCPT: answered 550 5.1.1"),
        ({"DATA": "554 no"}, "DATA: answered 554"),
        ({".": "552-5.3.4 too\r\n552 5.3.4 large"}, "the message: answered 552 5.3.4"),
    ],
)
def test_refused_for_good(start, scripted, answers, reason):
    """A 5xx: the job is dead at once, and the log has the reason without the address."""
    mails = scripted(saying(answers))
    server = start(**settings(mails.port))
    register(server)
    assert eventually(lambda: [job[0] for job in jobs(server)] == ["dead"]), (jobs(server), mails.seen)
    assert jobs(server) == [("dead", 1, reason)] and mails.connections == 1
    assert eventually(lambda: reason in server.said) and ADDRESS not in server.said


@pytest.mark.parametrize(
    "answers, reason",
    [
        ({"": "421 4.3.2 later"}, "the greeting: answered 421 4.3.2"),
        ({"RCPT": "450 4.2.0 greylisted"}, "RCPT: answered 450 4.2.0"),
        ({".": "451 4.3.0 later"}, "the message: answered 451 4.3.0"),
        ({"DATA": "250 what"}, "DATA: answered 250"),
        ({"": None}, "the greeting: no answer in time"),
        ({"RCPT": None}, "RCPT: no answer in time"),
        ({".": None}, "the message: no answer in time"),
        ({"MAIL": EOFError}, "MAIL: the server closed the connection"),
        ({"": b"\x00\xff\x80 garbage\r\n"}, "the greeting: the answer is not SMTP"),
        ({"EHLO": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, "EHLO: the answer is not SMTP"),
        ({"EHLO": b"250-more\r\n" * 500}, "EHLO: the answer is too long"),
        ({"EHLO": b"2" * 100_000}, "EHLO: the answer is too long"),
        ({"MAIL": b"250 fine\r\n250 fine\r\n"}, "RCPT: the server spoke out of turn"),
    ],
)
def test_refused_for_now(start, scripted, answers, reason):
    """Any other failure: the mail is retried and arrives."""
    mails = scripted(saying(answers, calls=1))
    server = start(**settings(mails.port))
    register(server)
    assert eventually(lambda: reason in server.said, 30), (server.said[-2000:], mails.seen)
    assert eventually(lambda: jobs(server) == [] and "." in mails.seen[1:], 30), (jobs(server), mails.seen)
    assert mails.connections == 2 and ADDRESS not in server.said


def test_no_tls_is_no_way_round_it(start, scripted):
    """If STARTTLS is required, a server without it, or one that speaks before the encryption, gets nothing."""
    bare = scripted(ordinary)
    server = start(**settings(bare.port, starttls="on"))
    register(server)
    assert eventually(lambda: "EHLO: the server offers no STARTTLS" in server.said)
    assert not any(line.startswith("MAIL") for line in bare.seen)


def test_injected_before_tls(start, scripted):
    early = scripted(
        saying({"EHLO": "250-early\r\n250 STARTTLS", "STARTTLS": b"220 go\r\n250-early\r\n250 AUTH PLAIN\r\n"}))
    server = start(**settings(early.port, starttls="on"))
    register(server)
    assert eventually(lambda: "TLS: the server spoke out of turn" in server.said), server.said[-2000:]
    assert not any(line.startswith(("MAIL", "AUTH")) for line in early.seen)


def test_address_outside_ascii(start, scripted):
    """Such an address needs a server that accepts it."""
    mails = scripted(ordinary)
    server = start(**settings(mails.port))
    register(server, "বাংলা@example.com")
    assert eventually(lambda: [job[0] for job in jobs(server)] == ["dead"])
    assert jobs(server)[0][2] == "EHLO: the server takes no addresses outside ASCII"
    server.stop()
    taking = scripted(saying({"EHLO": "250-scripted\r\n250-8BITMIME\r\n250 SMTPUTF8"}))
    server = start(**settings(taking.port))
    register(server, "ময়না@example.com")
    assert eventually(lambda: "." in taking.seen)
    assert "MAIL FROM:<no-reply@example.com> BODY=8BITMIME SMTPUTF8" in taking.seen
    assert "RCPT TO:<ময়না@example.com>" in taking.seen


def test_queued_mail_survives_a_crash(start, sink):
    """A server killed before sending sends the mail after its restart."""
    port = free_port()
    server = start(SMTP_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM=FROM)
    register(server)
    server.kill()
    mails = Sink(port)
    try:
        server.start()
        assert mails.take(60)["To"] == ADDRESS
    finally:
        mails.close()


def test_e1_registering_tells_nothing(start, sink):
    """With EMAIL_VERIFICATION=on the answer is the same for a taken and a free address."""
    mails, port = sink()
    server = start(SMTP_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM=FROM, EMAIL_VERIFICATION="on")
    body = {"email": ADDRESS, "password": PASSWORD}
    free = post(server, "/auth/register", body, 202)
    taken = post(server, "/auth/register", body, 202)
    assert free.content == taken.content
    welcome, warning = sorted([mails.take(), mails.take()], key=lambda mail: mail["Subject"])
    assert warning["Subject"] == "You have an account already"
    assert sign_in(server, PASSWORD, 401).json()["error"]["code"] == "invalid_credentials"
    post(server, "/auth/email/verify", {"token": token(welcome)}, 204)
    sign_in(server, PASSWORD, 200)


def test_settings(tmp_path):
    for name, values in [
        ("MAIL_FROM", {"SMTP_URL": "smtp://localhost"}),
        ("EMAIL_VERIFICATION", {"EMAIL_VERIFICATION": "on"}),
        ("SMTP_URL", {"SMTP_URL": "smtp://me:canary@mail.example.com?starttls=off", "MAIL_FROM": FROM}),
    ]:
        refused = command(tmp_path, "serve", **values)
        assert refused.returncode != 0 and f"{name}: " in refused.stderr and "canary" not in refused.stderr
    assert "SMTP_URL is not set" in command(tmp_path, "doctor").stdout
    closed = free_port()
    away = command(tmp_path, "doctor", SMTP_URL=f"smtp://127.0.0.1:{closed}", MAIL_FROM=FROM)
    assert away.returncode != 0 and "connecting: " in away.stdout
