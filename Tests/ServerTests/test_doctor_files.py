"""`mynah doctor` stores, reads and deletes an object, and names what is wrong with the store of files."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from mynah_process import command, free_port
from test_files import BUCKET, S3
from test_full_disk import fill, small_disk  # noqa: F401


@pytest.fixture
def files(tmp_path):
    """Runs the command; returns its line about files without the word that begins it, and whether all is well."""

    def run(**settings):
        done = command(tmp_path, "doctor", OPENAI_API_KEY="x", **settings)
        [line] = [line for line in done.stdout.splitlines() if " files: " in line]
        assert ("FAIL" in line) == (done.returncode == 1), done.stdout
        return line

    return run


class Refusing(BaseHTTPRequestHandler):
    """An S3 service that answers everything with one error."""

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, code = self.server.answer
        body = f"<Error><Code>{code}</Code></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_bucket_is_tried_and_left_as_it_was(files, tmp_path):
    (tmp_path / "s3").mkdir()
    s3 = S3(tmp_path / "s3")
    try:
        assert files(**s3.settings).endswith(f"s3://{BUCKET}/mynah is writable")
        assert s3.objects() == []
        wrong = files(**s3.settings | {"S3_SECRET_KEY": "wrong"})
        assert "S3_SECRET_KEY" in wrong and "wrong (" not in wrong
        assert "S3_ACCESS_KEY" in files(**s3.settings | {"S3_ACCESS_KEY": "nobody"})
        assert "does not exist" in files(**s3.settings | {"FILES_URL": "s3://missing/mynah"})
    finally:
        s3.stop()
    away = files(**s3.settings | {"S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"})
    assert "S3_ENDPOINT cannot be reached" in away


@pytest.mark.parametrize("answer, words", [
    ((403, "RequestTimeTooSkewed"), "clock is wrong"), ((400, "AuthorizationHeaderMalformed"), "S3_REGION"),
    ((301, "PermanentRedirect"), "S3_REGION"), ((403, "InvalidAccessKeyId"), "does not know S3_ACCESS_KEY"),
    ((403, "SignatureDoesNotMatch"), "S3_SECRET_KEY"), ((403, "AccessDenied"), "may not read, write and delete"),
    ((507, "InsufficientStorage"), "full"), ((403, "QuotaExceeded"), "full"), ((404, "NoSuchBucket"), "does not exist"),
])
def test_what_s3_answers_is_put_into_words(files, answer, words):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    server.answer = answer
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        line = files(
            FILES_URL="s3://bucket/x", S3_ENDPOINT=f"http://127.0.0.1:{server.server_port}", S3_ACCESS_KEY="key-canary",
            S3_SECRET_KEY="secret-canary",
        )
        assert "FAIL" in line and words in line, line
        assert "secret-canary" not in line
    finally:
        server.shutdown()
        server.server_close()


def test_a_folder_is_tried_if_it_is_there(files, tmp_path):
    folder = tmp_path / "নতুন" / "ফাইল"
    assert "will be made" in files(FILES_URL=f"file://{folder}")
    assert not folder.exists()
    folder.mkdir(parents=True)
    assert files(FILES_URL=f"file://{folder}").endswith("is writable")
    assert not [path for path in folder.rglob("*") if path.is_file()]
    (tmp_path / "plain").write_bytes(b"")
    assert "cannot be made" in files(FILES_URL=f"file://{tmp_path}/plain/files")


def test_a_full_disk_is_called_full(files, small_disk):
    fill(small_disk)
    assert "is full" in files(FILES_URL=f"file://{small_disk}")
