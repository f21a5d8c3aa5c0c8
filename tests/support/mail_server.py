"""A mail server in a thread, as small as RFC 5321 lets it be: it keeps what it is sent, or refuses it."""

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """What came, and how it behaves."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    # Name and password that must be given, if any.
    account: tuple[str, str] | None = None
    # Refuses every recipient, with the address in its words as real servers do.
    refuses: bool = False
    # Set once a letter has come.
    arrived: threading.Event = field(default_factory=threading.Event)

    def to(self, address: str) -> list[EmailMessage]:
        """Return the letters that went to an address."""
        return [letter for letter in self.letters if letter["To"] == address]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Serve on a free port of this machine."""
    state = MailServer()

    class Conversation(_Conversation):
        server_state = state

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    server_state: MailServer

    def handle(self) -> None:
        self.signed_in = self.server_state.account is None
        self.say("220 here")
        for raw in self.rfile:
            line = raw.decode("latin-1").rstrip("\r\n")
            verb = line.split(" ")[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            self.say(self.answer(verb, line))

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def answer(self, verb: str, line: str) -> str:
        state = self.server_state
        match verb:
            case "EHLO":
                return "250-here\r\n250 AUTH PLAIN" if state.account else "250 here"
            case "AUTH":
                return self.checked(line.split(" ")[2])
            case "NOOP" | "RSET":
                return "250 yes"
            case "MAIL" if not self.signed_in:
                return "530 sign in first"
            case "RCPT" if state.refuses:
                return f"550 nobody at {line}"
            case "MAIL" | "RCPT":
                return "250 yes"
            case "DATA":
                return self.taken()
        return "502 no"

    def checked(self, given: str) -> str:
        self.signed_in = tuple(base64.b64decode(given).decode().split("\0")[1:]) == self.server_state.account
        return "235 welcome" if self.signed_in else "535 wrong"

    def taken(self) -> str:
        self.say("354 go on")
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw.removeprefix(b"."))
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.server_state.letters.append(letter)
        self.server_state.arrived.set()
        return "250 kept"
