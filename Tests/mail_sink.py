"""Mail servers for tests: one that accepts all mail, and scripted ones."""

import email
import email.policy
import re
import socket
import ssl
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Sink:
    """A real mail server that stores received mail in `mails`. With `certificate`, it requires STARTTLS."""

    def __init__(self, port, certificate=None, users=None, **options):
        self.mails = []
        self.arrived = threading.Condition()
        self.envelopes = []
        self.users = users
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            options |= {"tls_context": context, "require_starttls": True}
        if users:
            options |= {"authenticator": self.check, "auth_required": True}
        self.controller = Controller(self, hostname="127.0.0.1", port=port, **options)
        self.controller.start()

    def check(self, server, session, envelope, mechanism, data):
        is_right = self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=is_right, handled=is_right)

    async def handle_DATA(self, server, session, envelope):
        with self.arrived:
            self.envelopes.append(envelope)
            self.mails.append(email.message_from_bytes(envelope.original_content, policy=email.policy.SMTPUTF8))
            self.arrived.notify_all()
        return "250 taken"

    def take(self, seconds=30):
        """Returns the next mail."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.mails, seconds), "no mail came"
            return self.mails.pop(0)

    def close(self):
        self.controller.stop()


def plain(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def link(mail):
    """Returns the link in a mail, which is the same in its plain text and in its HTML."""
    found = re.search(r"https?://\S+", plain(mail).split(":\n", 1)[1]).group()
    assert f'href="{found}"' in mail.get_body(("html",)).get_content()
    return found


def token(mail):
    return link(mail).split("?token=")[1]


class Scripted:
    """Responds to each line as `script(line, number of the connection)` returns: with text; None hangs; EOFError closes
    the connection. The greeting is the response to an empty line. The script is not called during a message."""

    def __init__(self, script):
        self.script = script
        self.seen = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection, self.connections), daemon=True).start()

    def serve(self, connection, number):
        with connection, connection.makefile("rb") as lines:
            try:
                self.answer(connection, "", number)
                in_message = False
                for line in lines:
                    line = line.decode().rstrip("\r\n")
                    if in_message and line != ".":
                        continue
                    self.seen.append(line)
                    answer = self.answer(connection, line, number)
                    in_message = bool(answer) and answer.startswith("354")
            except (EOFError, OSError):
                return

    def answer(self, connection, line, number):
        answer = self.script(line, number)
        if answer is not None:
            connection.sendall(answer if isinstance(answer, bytes) else f"{answer}\r\n".encode())
        return answer if isinstance(answer, str) else None

    def close(self):
        self.listener.close()
