"""A device that keeps passkeys, in a few lines: real keys and real signatures."""

import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse
from webauthn.helpers import bytes_to_base64url as text
from webauthn.helpers import encode_cbor

HERE = "http://testserver"
PRESENT, VERIFIED, HAS_KEY = 1, 4, 64


@dataclass
class Authenticator:
    """One passkey, and the browser that says which page asked for it."""

    origin: str = HERE
    count: int = 0
    credential: bytes = field(default_factory=lambda: os.urandom(32))
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, question: dict) -> str:
        """Return the answer of a browser that was asked for a new passkey."""
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        public = encode_cbor({1: 2, 3: -7, -1: 1} | point)
        length = struct.pack(">H", len(self.credential))
        data = self._data(question["rp"]["id"], PRESENT | VERIFIED | HAS_KEY)
        data += bytes(16) + length + self.credential + public
        made = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", question)
        return self._answer(attestationObject=made, clientDataJSON=said)

    def sign(self, question: dict) -> str:
        """Return the answer of a browser that was asked for the passkey it has."""
        self.count += 1
        data = self._data(question["rpId"], PRESENT | VERIFIED)
        said = self._said("webauthn.get", question)
        proof = self.key.sign(
            data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._answer(
            authenticatorData=data, clientDataJSON=said, signature=proof
        )

    def _data(self, host: str, flags: int) -> bytes:
        named = hashlib.sha256(host.encode()).digest()
        return named + bytes([flags]) + struct.pack(">I", self.count)

    def _said(self, kind: str, question: dict) -> bytes:
        facts = {"type": kind, "challenge": question["challenge"]}
        return json.dumps(facts | {"origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        name = text(self.credential)
        said = {key: text(value) for key, value in response.items()}
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": said}
        )


def add_passkey(client, device: Authenticator, name: str = "Phone"):
    """Add a passkey as who has signed in does; return the page that follows."""
    question = client.post(reverse("passkey_question")).json()
    data = {"name": name, "answer": device.make(question)}
    return client.post(reverse("add_passkey"), data)


def question(client) -> dict:
    """Return what the second step of a login asks a device."""
    return client.post(reverse("sign_in_question")).json()


def give(client, answer: str):
    return client.post(reverse("sign_in_passkey"), {"answer": answer})
