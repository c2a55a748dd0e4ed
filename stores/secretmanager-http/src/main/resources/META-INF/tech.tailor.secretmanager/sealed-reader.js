// tailor.secretmanager sealed reader, protocol 1
//
// Reads secrets inside the function runtime and returns them sealed to a public key of the caller's, so that the result
// of this execution, which is stored and shown in the console, holds no value in clear. It needs WebCrypto and
// tailor.secretmanager, nothing else, and never returns or logs what an exception said.
//
// The seal is HPKE (RFC 9180), mode base, HKDF-SHA256, AES-256-GCM; see docs/protocol.md of the Java library.

const PROTOCOL = 1;
const MAX_NAMES = 1000;
const MAX_VALUE_BYTES = 131072;
const MAX_PLAINTEXT_BYTES = 524288;
const NONCE_BYTES = 16;

const LABEL = "tailor.secretmanager/sealed-read/1\0";
const FIELD = { workspace: 1, vault: 2, name: 3, nonce: 4 };

const KEMS = {
  KEM_X25519: { id: 0x0020, publicKeyBytes: 32, algorithm: { name: "X25519" } },
  KEM_P256: { id: 0x0010, publicKeyBytes: 65, algorithm: { name: "ECDH", namedCurve: "P-256" } },
};
const KDF_HKDF_SHA256 = 0x0001;
const AEAD_AES_256_GCM = 0x0002;

export async function main(input) {
  const request = parse(input);
  if (request === undefined) {
    return { protocol: PROTOCOL, error: "invalid_request" };
  }
  let values;
  try {
    values = await tailor.secretmanager.getSecrets(request.vault, request.names);
  } catch {
    return { protocol: PROTOCOL, error: "read_failed" };
  }
  const message = encode(request.names, values ?? {});
  if (message === undefined) {
    return { protocol: PROTOCOL, error: "too_large" };
  }
  const info = infoOf(request);
  for (const { kem, publicKey } of request.recipients) {
    const pair = await ephemeralPair(KEMS[kem]);
    if (pair !== undefined) {
      const sealed = await seal(KEMS[kem], pair, publicKey, info, message);
      message.fill(0);
      return { protocol: PROTOCOL, kem, sealed: toBase64(sealed) };
    }
  }
  message.fill(0);
  return { protocol: PROTOCOL, error: "no_kem" };
}

// The request, checked; undefined if it is not one of this protocol.
function parse(input) {
  try {
    const { protocol, workspaceId, vault, names, nonce, recipients } = input;
    const request = {
      workspaceId,
      vault,
      names,
      nonce: fromBase64(nonce),
      recipients: recipients
        .filter(({ kem }) => Object.hasOwn(KEMS, kem))
        .map(({ kem, publicKey }) => ({ kem, publicKey: fromBase64(publicKey) })),
    };
    const valid =
      protocol === PROTOCOL &&
      typeof workspaceId === "string" &&
      typeof vault === "string" &&
      Array.isArray(names) &&
      names.length >= 1 &&
      names.length <= MAX_NAMES &&
      names.every((name) => typeof name === "string") &&
      new Set(names).size === names.length &&
      request.nonce.length === NONCE_BYTES &&
      request.recipients.every(({ kem, publicKey }) => publicKey.length === KEMS[kem].publicKeyBytes);
    return valid ? request : undefined;
  } catch {
    return undefined;
  }
}

// The message to be sealed: u8 1, u32 count, then for each secret found, by ascending name, u32 length and name, u32
// length and value. Undefined if it is too large.
function encode(names, values) {
  const found = [...names].sort().filter((name) => typeof values[name] === "string");
  const entries = found.map((name) => [utf8(name), utf8(values[name])]);
  const size = entries.reduce((sum, [name, value]) => sum + 8 + name.length + value.length, 5);
  const tooLarge = size > MAX_PLAINTEXT_BYTES || entries.some(([, value]) => value.length > MAX_VALUE_BYTES);
  const message = tooLarge
    ? undefined
    : concat(
        Uint8Array.of(1),
        u32(entries.length),
        ...entries.flatMap(([name, value]) => [u32(name.length), name, u32(value.length), value]),
      );
  entries.forEach(([, value]) => value.fill(0));
  return message;
}

// What the seal is bound to: the label, then typed fields, each with its length.
function infoOf({ workspaceId, vault, names, nonce }) {
  const field = (type, content) => [Uint8Array.of(type), u32(content.length), content];
  return concat(
    utf8(LABEL),
    ...field(FIELD.workspace, utf8(workspaceId)),
    ...field(FIELD.vault, utf8(vault)),
    ...names.flatMap((name) => field(FIELD.name, utf8(name))),
    ...field(FIELD.nonce, nonce),
  );
}

// A key pair for one seal; undefined if this runtime can't do the KEM.
async function ephemeralPair(kem) {
  try {
    return await crypto.subtle.generateKey(kem.algorithm, true, ["deriveBits"]);
  } catch {
    return undefined;
  }
}

// RFC 9180: SealBase(publicKey, info, aad = "", plaintext), as enc || ciphertext.
async function seal(kem, pair, publicKey, info, plaintext) {
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const recipient = await crypto.subtle.importKey("raw", publicKey, kem.algorithm, false, []);
  const shared = { name: kem.algorithm.name, public: recipient };
  const dh = new Uint8Array(await crypto.subtle.deriveBits(shared, pair.privateKey, 256));

  const kemSuite = concat(utf8("KEM"), u16(kem.id));
  const prk = await labeledExtract(kemSuite, empty(), "eae_prk", dh);
  const secret = await labeledExpand(kemSuite, prk, "shared_secret", concat(enc, publicKey), 32);

  const suite = concat(utf8("HPKE"), u16(kem.id), u16(KDF_HKDF_SHA256), u16(AEAD_AES_256_GCM));
  const context = concat(
    Uint8Array.of(0), // mode base
    await labeledExtract(suite, empty(), "psk_id_hash", empty()),
    await labeledExtract(suite, empty(), "info_hash", info),
  );
  const scheduled = await labeledExtract(suite, secret, "secret", empty());
  const keyBytes = await labeledExpand(suite, scheduled, "key", context, 32);
  const iv = await labeledExpand(suite, scheduled, "base_nonce", context, 12);

  const key = await crypto.subtle.importKey("raw", keyBytes, "AES-GCM", false, ["encrypt"]);
  const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plaintext);
  [dh, prk, secret, scheduled, keyBytes].forEach((bytes) => bytes.fill(0));
  return concat(enc, new Uint8Array(ciphertext));
}

function labeledExtract(suite, salt, label, ikm) {
  return hmac(salt, concat(utf8("HPKE-v1"), suite, utf8(label), ikm));
}

// At most 32 bytes, which is one block of HKDF-Expand.
async function labeledExpand(suite, prk, label, info, length) {
  const labeled = concat(u16(length), utf8("HPKE-v1"), suite, utf8(label), info, Uint8Array.of(1));
  return (await hmac(prk, labeled)).slice(0, length);
}

// No key is the same as 32 zeros, and WebCrypto takes no empty key.
async function hmac(keyBytes, data) {
  const raw = keyBytes.length === 0 ? new Uint8Array(32) : keyBytes;
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
}

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function empty() {
  return new Uint8Array(0);
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

function u16(number) {
  return Uint8Array.of(number >>> 8, number & 0xff);
}

function u32(number) {
  return Uint8Array.of(number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff);
}

function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
