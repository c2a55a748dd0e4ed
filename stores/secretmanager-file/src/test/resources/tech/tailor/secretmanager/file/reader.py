"""Reads stores with nothing but docs/file-format.md to go by: reader.py KEY STORE [KEY STORE ...]

For each store prints "== outcome", then a line for each value: vault/name=hex, or vault/name=refused.
"""

import base64, hashlib, hmac, json, re, struct, sys
from datetime import datetime
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NAME, ID = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"), re.compile(r"[0-9a-f]{32}")
TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
STORE = ["format", "storeId", "generation", "keys", "vaults", "seal"]
RECOVERABLE = STORE[:3] + ["recoveryKey", "recoverySecret"] + STORE[3:]


class Refused(Exception):
    pass


def require(holds, outcome="FORM"):
    if not holds:
        raise Refused(outcome)


def aes(key, block):
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return cipher.update(block) + cipher.finalize()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def decrypt(key, ciphertext, associated_data):
    """XAES-256-GCM. Returns None for what was not made with this key and associated data."""
    if len(ciphertext) < 40:
        return None
    nonce, rest = ciphertext[:24], ciphertext[24:]
    l = int.from_bytes(aes(key, bytes(16)), "big")
    k1 = (((l << 1) & ((1 << 128) - 1)) ^ (0x87 if l >> 127 else 0)).to_bytes(16, "big")
    derived = b"".join(aes(key, xor(bytes([0, n, 0x58, 0]) + nonce[:12], k1)) for n in (1, 2))
    try:
        return AESGCM(derived).decrypt(nonce[12:], rest, associated_data)
    except Exception:
        return None


def open_box(private, box, info):
    """HPKE (RFC 9180), base mode: X25519, HKDF-SHA256, AES-256-GCM. None if it does not open."""
    encapsulated, rest = box[:32], box[32:]

    def extract(suite, salt, label, material):
        return hmac.new(salt, b"HPKE-v1" + suite + label + material, hashlib.sha256).digest()

    def expand(suite, key, label, context, size):
        text = struct.pack(">H", size) + b"HPKE-v1" + suite + label + context + b"\1"
        return hmac.new(key, text, hashlib.sha256).digest()[:size]

    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(encapsulated))
        kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\1\0\2"
        both = encapsulated + private.public_key().public_bytes_raw()
        secret = expand(kem, extract(kem, b"", b"eae_prk", shared), b"shared_secret", both, 32)
        hashes = extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
        secret = extract(suite, secret, b"secret", b"")
        key = expand(suite, secret, b"key", b"\0" + hashes, 32)
        nonce = expand(suite, secret, b"base_nonce", b"\0" + hashes, 12)
        return AESGCM(key).decrypt(nonce, rest, b"")
    except Exception:
        return None


def lp(field):
    return struct.pack(">I", len(field)) + field


def place(purpose, store, vault=b"", secret=b"", version=0, name=b"", tail=b""):
    head = b"tsm-file\0" + bytes([1, purpose])
    return head + lp(store) + lp(vault) + lp(secret) + struct.pack(">Q", version) + lp(name) + tail


def number(value, least=1):
    require(type(value) is int and least <= value < 2**63)
    return value


def text(value, pattern):
    require(type(value) is str and pattern.fullmatch(value))
    return value


def time(value):
    try:
        datetime.strptime(text(value, TIME), "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        raise Refused("FORM")


def data(value):
    require(type(value) is str)
    try:
        raw = base64.b64decode(value, validate=True)
    except ValueError:
        raise Refused("FORM")
    require(base64.b64encode(raw).decode() == value)
    return raw


def objects(value, members, order, most, least=0):
    """A list of objects with exactly these members, strictly ascending."""
    require(type(value) is list and least <= len(value) <= most)
    for each in value:
        require(type(each) is dict and list(each) == members)
    keys = [each[order] for each in value]
    require(all(type(key) is type(keys[0]) for key in keys))
    require(all(a < b for a, b in zip(keys, keys[1:])))
    return value


def data_key(master, recovery, entry, store):
    """The key of an entry, and whether the entry should be of this master or recovery key."""
    if recovery:
        private, at = X25519PrivateKey.from_private_bytes(master[:32]), place(8, store, version=entry["id"])
        box = decrypt(master[32:], data(entry.get("recovery", "")), at)
        ours = base64.b64decode(recovery) == private.public_key().public_bytes_raw()
        return (open_box(private, box, at) if box else None), ours
    fingerprint = hmac.new(master, b"tsm-file\0\1\5", hashlib.sha256).digest()[:16].hex()
    key = decrypt(master, data(entry["wrapped"]), place(3, store, version=entry["id"]))
    return key, text(entry["masterKey"], ID) == fingerprint


def read(master, file):
    try:
        document = json.loads(file.decode("ascii"))
        canonical = (json.dumps(document, indent=2) + "\n").encode()
    except (ValueError, RecursionError):
        raise Refused("FORM")
    require(type(document) is dict and list(document)[:1] == ["format"])
    require(number(document["format"]) <= 2, "NEWER_FORMAT")
    recoverable = document["format"] == 2
    require(list(document) == (RECOVERABLE if recoverable else STORE) and canonical == file)
    store = bytes.fromhex(text(document["storeId"], ID))
    number(document["generation"])
    members = ["id", "masterKey", "wrapped"] + ["recovery"] * recoverable
    objects(document["keys"], members, "id", 16, 1)
    if recoverable:
        require(len(data(document["recoveryKey"])) == 32)
        data(document["recoverySecret"])
    ids = [number(each["id"]) for each in document["keys"]]
    for vault in objects(document["vaults"], ["name", "id", "createTime", "secrets"], "name", 10000):
        text(vault["name"], NAME), text(vault["id"], ID), time(vault["createTime"])
        members = ["name", "id", "createTime", "versions"]
        for secret in objects(vault["secrets"], members, "name", 10000):
            text(secret["name"], NAME), text(secret["id"], ID), time(secret["createTime"])
            members = ["version", "createTime", "key", "ciphertext"]
            for version in objects(secret["versions"], members, "version", 100, 1):
                number(version["version"]), time(version["createTime"]), data(version["ciphertext"])
                require(type(version["key"]) is int and version["key"] in ids)
    seal = data(document["seal"])
    for each in document["keys"]:
        text(each["masterKey"], ID), data(each["wrapped"]), data(each.get("recovery", ""))
    recovery = document.get("recoveryKey", "none") if len(master) == 64 else None
    keys = {}
    for each in document["keys"]:
        key, ours = data_key(master, recovery, each, store)
        keys[each["id"]] = key
        require(key is not None and len(key) == 32, "KEY_ENTRY" if ours else "WRONG_KEY")
    body = file[: file.index(b'"seal": "') + len(b'"seal": "')]
    associated_data = place(2, store, version=document["generation"], tail=body)
    require(decrypt(keys[ids[-1]], seal, associated_data) == b"", "SEAL")
    for vault in document["vaults"]:
        for secret in vault["secrets"]:
            version, name = secret["versions"][-1], secret["name"]
            vault_id, secret_id = bytes.fromhex(vault["id"]), bytes.fromhex(secret["id"])
            at = place(1, store, vault_id, secret_id, version["version"], name.encode())
            value = decrypt(keys[version["key"]], base64.b64decode(version["ciphertext"]), at)
            yield vault["name"] + "/" + name, "refused" if value is None else value.hex()


LABELS = {72: b"tailor-secretmanager-key-1 ", 121: b"tailor-secretmanager-recovery-1 "}

for key, store in zip(sys.argv[1::2], sys.argv[2::2]):
    line = open(key, "rb").read()
    label = LABELS[len(line)]
    assert line.startswith(label)
    try:
        raw = base64.b64decode(line[len(label) : -1], validate=True)
        values = list(read(raw, open(store, "rb").read()))
        print("== SUCCESS", *(name + "=" + value for name, value in values), sep="\n")
    except Refused as refused:
        print("==", refused)
