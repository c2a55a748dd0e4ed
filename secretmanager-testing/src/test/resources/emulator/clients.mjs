// Drives the emulator with Connect's own client for Node. Prints one line of JSON for each check.
import { createClient, Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

const { baseUrl, workspaceId, admin, viewer, descriptors, httpVersion, binary } = JSON.parse(process.env.EMULATOR);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));

function clientOf(service, token, sendGzip = false) {
  const transport = createConnectTransport({
    baseUrl,
    httpVersion,
    useBinaryFormat: binary,
    interceptors: [(next) => (request) => {
      if (token) request.header.set("Authorization", `Bearer ${token}`);
      return next(request);
    }],
    ...(sendGzip ? { sendCompression: gzip, compressMinBytes: 0 } : {}),
  });
  return createClient(registry.getService(service), transport);
}
const { compressionGzip: gzip } = await import("@connectrpc/connect-node");

const operator = clientOf("tailor.v1.OperatorService", admin);
const runtime = clientOf("tailor.secretmanager.v1.RuntimeService", admin);
const vault = `node-${binary ? "proto" : "json"}-${httpVersion.replace(".", "")}`;
const secretmanagerVaultName = vault;
const trn = `trn:v1:workspace:${workspaceId}:vault:${vault}`;

async function check(name, body) {
  try {
    const got = await body();
    console.log(JSON.stringify({ name, passed: got === true, got: got === true ? undefined : String(got) }));
  } catch (e) {
    console.log(JSON.stringify({ name, passed: false, got: String(e) }));
  }
}

async function refused(code, call) {
  try {
    await call();
    return "was not refused";
  } catch (e) {
    const error = ConnectError.from(e);
    return error.code === code ? true : Code[error.code] + ": " + error.rawMessage;
  }
}

// HPKE's key agreement, from the standard and with WebCrypto alone: opens what the server sealed.
async function open(keys, publicKey, sealed, info) {
  const { subtle } = webcrypto;
  const bytes = (text) => new TextEncoder().encode(text);
  const concat = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const u16 = (n) => Uint8Array.of(n >> 8, n & 255);
  const hmac = async (key, data) => new Uint8Array(await subtle.sign("HMAC",
    await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]), data));
  const extract = (salt, ikm) => hmac(salt.length ? salt : new Uint8Array(32), ikm);
  const expand = async (prk, data, length) => {
    let out = new Uint8Array(), block = new Uint8Array();
    for (let i = 1; out.length < length; i++) {
      block = await hmac(prk, concat(block, data, Uint8Array.of(i)));
      out = concat(out, block);
    }
    return out.slice(0, length);
  };
  const labeled = (suite) => ({
    extract: (salt, label, ikm) => extract(salt, concat(bytes("HPKE-v1"), suite, bytes(label), ikm)),
    expand: (prk, label, data, length) =>
      expand(prk, concat(u16(length), bytes("HPKE-v1"), suite, bytes(label), data), length),
  });
  const enc = sealed.slice(0, 65);
  const ephemeral = await subtle.importKey("raw", enc, { name: "ECDH", namedCurve: "P-256" }, false, []);
  const dh = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: ephemeral }, keys.privateKey, 256));
  const kem = labeled(concat(bytes("KEM"), u16(0x0010)));
  const shared = await kem.expand(await kem.extract(new Uint8Array(), "eae_prk", dh), "shared_secret", concat(enc, publicKey), 32);
  const hpke = labeled(concat(bytes("HPKE"), u16(0x0010), u16(0x0001), u16(0x0002)));
  const none = new Uint8Array();
  const context = concat(Uint8Array.of(0), await hpke.extract(none, "psk_id_hash", none), await hpke.extract(none, "info_hash", info));
  const secret = await hpke.extract(shared, "secret", none);
  const key = await subtle.importKey("raw", await hpke.expand(secret, "key", context, 32), "AES-GCM", false, ["decrypt"]);
  const iv = await hpke.expand(secret, "base_nonce", context, 12);
  return new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv }, key, sealed.slice(65)));
}

function infoOf(names, nonce) {
  const u32 = (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
  const field = (type, content) => [type, ...u32(content.length), ...content];
  const bytes = (text) => [...new TextEncoder().encode(text)];
  return Uint8Array.from([...bytes("tailor.secretmanager/sealed-read/1"), 0, ...field(1, bytes(workspaceId)),
    ...field(2, bytes(vault)), ...names.flatMap((name) => field(3, bytes(name))), ...field(4, [...nonce])]);
}

async function recipient() {
  const keys = await webcrypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  return { keys, publicKey: new Uint8Array(await webcrypto.subtle.exportKey("raw", keys.publicKey)) };
}

// The first three calls of this method go wrong, as ForeignClientsTest scripts it.
await check("a connection that is reset, and another after it", async () => {
  try {
    await operator.listSecretManagerVaults({ workspaceId });
    return "was answered";
  } catch (e) {
    return Array.isArray((await operator.listSecretManagerVaults({ workspaceId })).vaults);
  }
});
await check("a body that comes slowly", async () =>
  Array.isArray((await operator.listSecretManagerVaults({ workspaceId })).vaults));
await check("CreateSecretManagerVault", async () => {
  const { vault: created } = await operator.createSecretManagerVault({ workspaceId, secretmanagerVaultName });
  return created.name === vault && created.createTime.seconds > 1700000000n;
});
await check("CreateSecretManagerVault: already_exists", () => refused(Code.AlreadyExists,
  () => operator.createSecretManagerVault({ workspaceId, secretmanagerVaultName })));
await check("CreateSecretManagerVault: invalid_argument", () => refused(Code.InvalidArgument,
  () => operator.createSecretManagerVault({ workspaceId, secretmanagerVaultName: "Bad Name" })));
await check("GetSecretManagerVault", async () =>
  (await operator.getSecretManagerVault({ workspaceId, secretmanagerVaultName })).vault.name === vault);
await check("GetSecretManagerVault: not_found", () => refused(Code.NotFound,
  () => operator.getSecretManagerVault({ workspaceId, secretmanagerVaultName: "no-such-vault" })));
const secret = { workspaceId, secretmanagerVaultName, secretmanagerSecretName: "api-key" };
await check("CreateSecretManagerSecret", async () =>
  (await operator.createSecretManagerSecret({ ...secret, secretmanagerSecretValue: "first 値" })).secret.name === "api-key");
await check("CreateSecretManagerSecret: already_exists", () => refused(Code.AlreadyExists,
  () => operator.createSecretManagerSecret({ ...secret, secretmanagerSecretValue: "x" })));
await check("CreateSecretManagerSecret: not_found", () => refused(Code.NotFound,
  () => operator.createSecretManagerSecret({ ...secret, secretmanagerVaultName: "no-such-vault", secretmanagerSecretValue: "x" })));
await check("UpdateSecretManagerSecret", async () => {
  const { secret: updated } = await operator.updateSecretManagerSecret({ ...secret, secretmanagerSecretValue: "second 値" });
  return updated.name === "api-key" && updated.updateTime.seconds >= updated.createTime.seconds;
});
await check("UpdateSecretManagerSecret: not_found", () => refused(Code.NotFound,
  () => operator.updateSecretManagerSecret({ ...secret, secretmanagerSecretName: "no-such-key", secretmanagerSecretValue: "x" })));
await check("GetSecretManagerSecret", async () => (await operator.getSecretManagerSecret(secret)).secret.name === "api-key");
await check("GetSecretManagerSecret: not_found", () => refused(Code.NotFound,
  () => operator.getSecretManagerSecret({ ...secret, secretmanagerSecretName: "no-such-key" })));
await check("ListSecretManagerSecrets, in pages", async () => {
  for (let i = 0; i < 24; i++) {
    await operator.createSecretManagerSecret({ ...secret, secretmanagerSecretName: `key-${100 + i}`, secretmanagerSecretValue: "x" });
  }
  const names = [];
  let pageToken = "", pages = 0, total;
  do {
    const page = await operator.listSecretManagerSecrets({ workspaceId, secretmanagerVaultName, pageSize: 10, pageToken, pageDirection: 2 });
    names.push(...page.secrets.map((each) => each.name));
    pageToken = page.nextPageToken;
    total = page.totalCount;
    pages++;
  } while (pageToken);
  return names.length === 25 && pages === 3 && total === 25n && names[0] === "key-123" && names[24] === "api-key";
});
await check("ListSecretManagerSecrets: not_found", () => refused(Code.NotFound,
  () => operator.listSecretManagerSecrets({ workspaceId, secretmanagerVaultName: "no-such-vault" })));
await check("ListSecretManagerVaults", async () =>
  (await operator.listSecretManagerVaults({ workspaceId })).vaults.some((each) => each.name === vault));
await check("ListSecretManagerVaults: permission_denied", () => refused(Code.PermissionDenied,
  () => operator.listSecretManagerVaults({ workspaceId: "00000000-0000-4000-8000-000000000000" })));
await check("SetMetadata", async () =>
  (await operator.setMetadata({ trn, labels: { owner: "team-a" } })).metadata.labels.owner === "team-a");
await check("GetMetadata", async () => (await operator.getMetadata({ trn })).metadata.labels.owner === "team-a");
await check("GetMetadata of another kind: not_found", () => refused(Code.NotFound,
  () => operator.getMetadata({ trn: `trn:v1:workspace:${workspaceId}:tailordb:main` })));
await check("ListMetadata", async () => {
  const { results, totalCount } = await operator.listMetadata({ workspaceId, labels: { owner: "team-a" }, pageSize: 1000 });
  return totalCount === 1n && results[0].trn === trn && results[0].metadata.labels.owner === "team-a";
});
await check("BulkSetMetadata", async () => {
  const { results } = await operator.bulkSetMetadata({ requests: [{ trn, labels: { owner: "team-b", released: "" } }] });
  const { metadata } = await operator.getMetadata({ trn });
  return results[0].trn === trn && metadata.labels.owner === "team-b" && metadata.labels.released === "";
});
await check("BulkSetMetadata: not_found", () => refused(Code.NotFound,
  () => operator.bulkSetMetadata({ requests: [{ trn: trn + "-no", labels: {} }] })));
await check("GetMetadata: not_found", () => refused(Code.NotFound, () => operator.getMetadata({ trn: trn + "-no" })));
await check("GetMetadata: invalid_argument", () => refused(Code.InvalidArgument, () => operator.getMetadata({ trn: "x" })));

const names = ["no-such-key", "api-key"];
const nonce = webcrypto.getRandomValues(new Uint8Array(16));
const expected = [1, 0, 0, 0, 1, 0, 0, 0, 7, ...new TextEncoder().encode("api-key"), 0, 0, 0, 10, ...new TextEncoder().encode("second 値")];
await check("GetSecrets, opened with WebCrypto", async () => {
  const { keys, publicKey } = await recipient();
  const answer = await runtime.getSecrets({ workspaceId, vaultName: vault, secretNames: names, nonce, recipients: [{ kem: 2, publicKey }] });
  const plaintext = await open(keys, publicKey, answer.sealed, infoOf(names, nonce));
  return answer.kem === 2 && answer.secrets[0].version === 2n && answer.missingNames[0] === "no-such-key"
    && String([...plaintext]) === String(expected);
});
await check("GetSecrets: not_found", async () => {
  const { publicKey } = await recipient();
  return refused(Code.NotFound,
    () => runtime.getSecrets({ workspaceId, vaultName: "no-such-vault", secretNames: names, nonce, recipients: [{ kem: 2, publicKey }] }));
});
await check("GetSecrets: failed_precondition", () => refused(Code.FailedPrecondition,
  () => runtime.getSecrets({ workspaceId, vaultName: vault, secretNames: names, nonce, recipients: [{ kem: 0, publicKey: new Uint8Array(32) }] })));
await check("GetSecrets: invalid_argument", () => refused(Code.InvalidArgument,
  () => runtime.getSecrets({ workspaceId, vaultName: vault, secretNames: [], nonce, recipients: [] })));
await check("TestExecScript and GetFunctionExecution", async () => {
  const { keys, publicKey } = await recipient();
  const base64 = (bytes) => Buffer.from(bytes).toString("base64");
  const arg = JSON.stringify({ protocol: 1, workspaceId, vault, names, nonce: base64(nonce),
    recipients: [{ kem: "KEM_P256", publicKey: base64(publicKey) }] });
  const { executionId } = await operator.testExecScript({ workspaceId, name: "reader.js",
    code: "// tailor.secretmanager sealed reader, protocol 1\n", arg });
  const { execution } = await operator.getFunctionExecution({ workspaceId, executionId });
  const sealed = new Uint8Array(Buffer.from(JSON.parse(execution.result).sealed, "base64"));
  return execution.status === 1 && String([...await open(keys, publicKey, sealed, infoOf(names, nonce))]) === String(expected);
});
await check("TestExecScript: unimplemented", () => refused(Code.Unimplemented,
  () => operator.testExecScript({ workspaceId, name: "x.js", code: "export function main() {}" })));
await check("GetFunctionExecution: not_found", () => refused(Code.NotFound,
  () => operator.getFunctionExecution({ workspaceId, executionId: "no-such-execution" })));
await check("no token: unauthenticated", () => refused(Code.Unauthenticated,
  () => clientOf("tailor.v1.OperatorService", "").listSecretManagerVaults({ workspaceId })));
await check("a viewer's write: permission_denied", () => refused(Code.PermissionDenied,
  () => clientOf("tailor.v1.OperatorService", viewer).deleteSecretManagerSecret(secret)));
await check("a viewer's look", async () =>
  (await clientOf("tailor.v1.OperatorService", viewer).getSecretManagerSecret(secret)).secret.name === "api-key");
await check("a request in gzip", async () =>
  (await clientOf("tailor.v1.OperatorService", admin, true).getSecretManagerSecret(secret)).secret.name === "api-key");
await check("a value of 128 KiB", async () => {
  const large = { ...secret, secretmanagerSecretName: "large-key", secretmanagerSecretValue: "x".repeat(131072) };
  return (await operator.createSecretManagerSecret(large)).secret.name === "large-key"
    && await refused(Code.InvalidArgument, () => operator.updateSecretManagerSecret({ ...large, secretmanagerSecretValue: "x".repeat(131073) }));
});
await check("150 secrets, deployed as the platform's SDK deploys them", async () => {
  const deployed = { workspaceId, secretmanagerVaultName: `${vault}-deployed` };
  const deployedTrn = `${trn}-deployed`;
  const labels = { "sdk-name": "my-app", "sdk-version": "v3-0-0" };
  await operator.createSecretManagerVault(deployed);
  const names = Array.from({ length: 150 }, (_, i) => `deployed-${1000 + i}`);
  await Promise.all(names.map((name) =>
    operator.createSecretManagerSecret({ ...deployed, secretmanagerSecretName: name, secretmanagerSecretValue: name })));
  const requests = [deployedTrn, ...names.map((name) => `${deployedTrn}:secret:${name}`)].map((trn) => ({ trn, labels }));
  await Promise.all([0, 100].map((from) => operator.bulkSetMetadata({ requests: requests.slice(from, from + 100) })));
  const owned = await operator.listMetadata({ workspaceId, labels: { "sdk-name": "my-app" }, pageSize: 1000 });
  const listed = await operator.listSecretManagerSecrets({ ...deployed, pageSize: 1000 });
  const correct = owned.results.length === 151 && listed.secrets.length === 150 && listed.nextPageToken === "";
  await Promise.all(names.map((name) => operator.deleteSecretManagerSecret({ ...deployed, secretmanagerSecretName: name })));
  await operator.deleteSecretManagerVault(deployed);
  return correct;
});
await check("200 calls at once", async () => {
  const all = await Promise.all(Array.from({ length: 200 }, () => operator.getSecretManagerSecret(secret)));
  return all.every((each) => each.secret.name === "api-key");
});
await check("DeleteSecretManagerVault: failed_precondition", () => refused(Code.FailedPrecondition,
  () => operator.deleteSecretManagerVault({ workspaceId, secretmanagerVaultName })));
await check("DeleteSecretManagerSecret", async () => {
  for (let i = 0; i < 24; i++) {
    await operator.deleteSecretManagerSecret({ ...secret, secretmanagerSecretName: `key-${100 + i}` });
  }
  await operator.deleteSecretManagerSecret({ ...secret, secretmanagerSecretName: "large-key" });
  await operator.deleteSecretManagerSecret(secret);
  return refused(Code.NotFound, () => operator.deleteSecretManagerSecret(secret));
});
await check("DeleteSecretManagerVault", async () => {
  await operator.deleteSecretManagerVault({ workspaceId, secretmanagerVaultName });
  return refused(Code.NotFound, () => operator.deleteSecretManagerVault({ workspaceId, secretmanagerVaultName }));
});
process.exit(0);
