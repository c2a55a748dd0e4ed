"""Reads a store in etcd with nothing but docs/etcd-format.md and docs/file-format.md to go by.

etcd_reader.py KEY PREFIX DUMP, where DUMP is a file with the output of etcdctl get --prefix PREFIX -w json.
Prints a line for each secret: vault/name=hex, or vault/name=refused; then the generation.
"""

import base64, hashlib, hmac, json, struct, sys
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def aes(key, block):
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return cipher.update(block) + cipher.finalize()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def decrypt(key, ciphertext, associated_data):
    """XAES-256-GCM. Raises for what was not made with this key and associated data."""
    nonce, rest = ciphertext[:24], ciphertext[24:]
    l = int.from_bytes(aes(key, bytes(16)), "big")
    k1 = (((l << 1) & ((1 << 128) - 1)) ^ (0x87 if l >> 127 else 0)).to_bytes(16, "big")
    derived = b"".join(aes(key, xor(bytes([0, n, 0x58, 0]) + nonce[:12], k1)) for n in (1, 2))
    return AESGCM(derived).decrypt(nonce[12:], rest, associated_data)


def lp(field):
    return struct.pack(">I", len(field)) + field


def place(purpose, store, vault=b"", secret=b"", version=0, name=b""):
    head = b"tsm-etcd\0" + bytes([1, purpose])
    return head + lp(store) + lp(vault) + lp(secret) + struct.pack(">Q", version) + lp(name)


def mac(key, content):
    return hmac.new(key, content, hashlib.sha256).digest()


def lines(text, *names):
    """The values of the lines with these names, which begin the text, and the other lines."""
    assert text.endswith("\n")
    found = [line.split(" ", 1) for line in text[:-1].split("\n")]
    assert [line[0] for line in found[: len(names)]] == list(names), found
    assert found[0][1] == "1", "another format"
    return [line[1] for line in found[: len(names)]] + [found[len(names) :]]


def unsealed(at, content, seal_keys):
    """The text without its seal, the seal's key and code; raises if it was not sealed for this place."""
    text = content.decode()
    start = text.rindex("seal ")
    word, key, code = text[start:-1].split(" ")
    assert hmac.compare_digest(mac(seal_keys[int(key)], at + b"\n" + text[:start].encode()), bytes.fromhex(code))
    return text[:start], int(key), code


def element(seal_key, where, code):
    """What a record adds to the sum."""
    return int.from_bytes(mac(seal_key, b"sum\n" + where + b"\n" + code.encode()), "big")


def read(master, prefix, dump):
    content = {base64.b64decode(kv["key"]): base64.b64decode(kv["value"]) for kv in dump["kvs"]}
    claimed = content[prefix + b"head"].decode()
    _, store, *_ = lines(claimed, "store", "id", "generation", "commit", "epoch", "keys", "sum", "log")
    store = bytes.fromhex(store)
    keys = {}
    for name, line in lines(content[prefix + b"keys"].decode(), "keys")[1]:
        number, kind, fingerprint, wrapped = line.split(" ")
        assert (name, kind) == ("key", "key")
        assert fingerprint == mac(master, b"tsm-file\0\1\5")[:16].hex(), "another master key"
        keys[int(number)] = decrypt(master, bytes.fromhex(wrapped), place(3, store, version=int(number)))
    seal_keys = {number: mac(key, place(7, store)) for number, key in keys.items()}
    head, key, _ = unsealed(prefix + b"head", content[prefix + b"head"], seal_keys)
    names = ("store", "id", "generation", "commit", "epoch", "keys", "sum", "log")
    _, _, generation, commit, _, digest, sealed_sum, log, rest = lines(head, *names)
    assert rest == [] and digest == hashlib.sha256(content[prefix + b"keys"]).hexdigest()
    at = place(1, store, store, b"", int(generation), b"content_sum")
    wanted = int.from_bytes(decrypt(keys[key], bytes.fromhex(sealed_sum), at), "big")

    expected = log
    entries = sorted((k for k in content if k.startswith(prefix + b"log/")), reverse=True)
    for entry in entries:
        assert hashlib.sha256(content[entry]).hexdigest() == expected
        _, number, _, expected, _, _ = lines(content[entry].decode(), "log", "generation", "commit", "previous", "at")
        assert entry == prefix + b"log/%016x" % int(number)
    assert len(entries) == int(generation) and expected == "0" * 64

    total, vaults = 0, {}
    for at in sorted(content):
        if at.startswith(prefix + b"vault/"):
            text, key, code = unsealed(at, content[at], seal_keys)
            _, vault_id, *_ = lines(text, "vault", "id", "generation", "created", "updated")
            vaults[at[len(prefix) + 6 :]] = bytes.fromhex(vault_id)
            total += element(seal_keys[key], at[len(prefix) :], code)
    for at in sorted(content):
        if at.startswith(prefix + b"secret/"):
            text, key, code = unsealed(at, content[at], seal_keys)
            total += element(seal_keys[key], at[len(prefix) :], code)
            vault, name = at[len(prefix) + 7 :].split(b"/")
            _, secret_id, _, _, _, rest = lines(text, "secret", "id", "generation", "created", "description")
            assert all(line[0] in ("label", "version") for line in rest)
            number, _, state, key, digest = rest[-1][1].split(" ")
            value = content[prefix + b"value/%s/%s/%016x" % (vault, name, int(number))]
            assert state == "ENABLED" and hashlib.sha256(value).hexdigest() == digest
            where = place(1, store, vaults[vault], bytes.fromhex(secret_id), int(number), name)
            print((vault + b"/" + name).decode() + "=" + decrypt(keys[int(key)], value, where).hex())
    assert total % 2**256 == wanted, "a record was deleted, added or put back"
    print("generation=" + generation)


line = open(sys.argv[1], "rb").read()
assert len(line) == 72 and line.startswith(b"tailor-secretmanager-key-1 ")
read(base64.b64decode(line[27:71], validate=True), sys.argv[2].encode(), json.load(open(sys.argv[3])))
