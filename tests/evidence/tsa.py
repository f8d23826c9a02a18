"""A time stamp authority of our own, made with openssl, behind HTTP on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIG = """\
[tsa]
default_tsa = ours
[ours]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
"""
_MAKE = """\
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
  -days 3650 -subj '/CN=Root of a test'
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key -out tsa.csr \
  -subj '/CN=Authority of a test'
printf 'extendedKeyUsage=critical,timeStamping\\n' > extensions
openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 3650 \
  -extfile extensions
echo 01 > serial
"""
_ANSWER = (
    "openssl", "ts", "-reply", "-queryfile", "/dev/stdin", "-config", "tsa.cnf", "-section", "ours",
    "-signer", "tsa.pem", "-inkey", "tsa.key",
)  # fmt: skip


class Authority:
    """Answers as `reply` says; `octets` in place of an answer misbehave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "ca.pem"
        self.status = 200
        self.octets: bytes | None = None
        self.asked = 0
        (folder / "tsa.cnf").write_text(_CONFIG)
        subprocess.run(["sh", "-e", "-c", _MAKE], cwd=folder, check=True, capture_output=True)

    def answer(self, query: bytes) -> bytes:
        """A time stamp response."""
        self.asked += 1
        if self.octets is not None:
            return self.octets
        out = self.folder / f"answer{self.asked}"
        command = [*_ANSWER, "-out", str(out)]
        subprocess.run(command, input=query, cwd=self.folder, check=True, capture_output=True)
        return out.read_bytes()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its address while it serves."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                answer = authority.answer(query)
                self.send_response(authority.status)
                self.send_header("Content-Type", "application/timestamp-reply")
                if authority.status in (301, 302):
                    self.send_header("Location", "file:///etc/passwd")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/"
            finally:
                server.shutdown()
                thread.join()
