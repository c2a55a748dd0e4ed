package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.List;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** What each method does, once its caller may call it. */
final class Operations {

  private static final String VAULT = "secretmanager_vault_name";
  private static final String SECRET = "secretmanager_secret_name";

  private final ValueReads reads;

  Operations(ValueReads reads) {
    this.reads = reads;
  }

  /**
   * Carries out a call.
   *
   * @throws RefusedCall if it is refused
   * @throws tech.tailor.secretmanager.SecretManagerException if the store refuses or fails
   */
  Message carryOut(Rpc rpc, Call call) {
    return switch (rpc.name()) {
      case "CreateSecretManagerVault" -> createVault(rpc, call);
      case "GetSecretManagerVault" -> getVault(rpc, call);
      case "DeleteSecretManagerVault" -> deleteVault(rpc, call);
      case "ListSecretManagerVaults" -> listVaults(rpc, call);
      case "CreateSecretManagerSecret", "UpdateSecretManagerSecret" -> writeSecret(rpc, call);
      case "GetSecretManagerSecret" -> getSecret(rpc, call);
      case "DeleteSecretManagerSecret" -> deleteSecret(rpc, call);
      case "ListSecretManagerSecrets" -> listSecrets(rpc, call);
      case "SetMetadata" -> MetadataCalls.set(rpc, call);
      case "GetMetadata" -> MetadataCalls.get(rpc, call);
      case "BulkSetMetadata" -> MetadataCalls.setInBulk(rpc, call);
      case "ListMetadata" -> MetadataCalls.list(rpc, call);
      case "TestExecScript" -> reads.runScript(rpc, call);
      case "GetFunctionExecution" -> reads.pollExecution(rpc, call);
      case "GetSecrets" -> reads.getSecrets(rpc, call);
      default -> throw new RefusedCall(Code.UNIMPLEMENTED, "the emulator lacks this method");
    };
  }

  private static Message createVault(Rpc rpc, Call call) {
    Workspace workspace = call.workspace();
    VaultInfo created = workspace.store().createVault(call.vault(VAULT));
    return answer(rpc, "vault", created.name(), created.createTime(), created.updateTime());
  }

  private static Message getVault(Rpc rpc, Call call) {
    Workspace workspace = call.workspace();
    VaultInfo found =
        workspace.store().describeVault(call.vault(VAULT)).orElseThrow(Operations::noSuchVault);
    return answer(rpc, "vault", found.name(), found.createTime(), found.updateTime());
  }

  private static Message deleteVault(Rpc rpc, Call call) {
    call.workspace().store().deleteVault(call.vault(VAULT));
    return DynamicMessage.getDefaultInstance(rpc.response());
  }

  private static Message listVaults(Rpc rpc, Call call) {
    List<VaultInfo> open = call.workspace().store().listVaults().stream()
        .filter(vault -> call.caller().mayTouch(vault.name()))
        .toList();
    Page<VaultInfo> page =
        Page.newestFirst(open, VaultInfo::createTime, VaultInfo::name, call.request());
    DynamicMessage.Builder answer = DynamicMessage.newBuilder(rpc.response());
    for (VaultInfo vault : page.elements()) {
      answer.addRepeatedField(
          Fields.field(rpc.response(), "vaults"),
          described(
              rpc.response(), "vaults", vault.name(), vault.createTime(), vault.updateTime()));
    }
    return withPage(answer, page);
  }

  private static Message writeSecret(Rpc rpc, Call call) {
    SecretStore store = call.workspace().store();
    SecretRef ref = call.secret(VAULT, SECRET);
    try (SecretValue value = SecretValue.copyOf(utf8(call.text("secretmanager_secret_value")))) {
      SecretInfo written = rpc.name().startsWith("Create")
          ? store.createSecret(ref.vault(), ref.name(), value)
          : store.updateSecret(ref.vault(), ref.name(), value);
      return answer(rpc, "secret", written.name(), written.createTime(), written.updateTime());
    } catch (IllegalArgumentException | SecretLimitException | SecretEncodingException e) {
      throw new RefusedCall(
          Code.INVALID_ARGUMENT,
          "a value has at most " + SecretValue.MAX_SIZE_BYTES + " bytes of valid UTF-8");
    }
  }

  /** The text's bytes; {@code SecretValue.of} would refuse U+FFFD, which the platform takes. */
  private static byte[] utf8(String text) {
    try {
      ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("The text holds an unpaired surrogate", e);
    }
  }

  private static Message getSecret(Rpc rpc, Call call) {
    SecretStore store = call.workspace().store();
    SecretRef ref = call.secret(VAULT, SECRET);
    SecretInfo found = store
        .describeSecret(ref.vault(), ref.name())
        .orElseThrow(() -> new RefusedCall(Code.NOT_FOUND, "there is no such secret"));
    return answer(rpc, "secret", found.name(), found.createTime(), found.updateTime());
  }

  private static Message deleteSecret(Rpc rpc, Call call) {
    SecretStore store = call.workspace().store();
    SecretRef ref = call.secret(VAULT, SECRET);
    store.deleteSecret(ref.vault(), ref.name());
    return DynamicMessage.getDefaultInstance(rpc.response());
  }

  private static Message listSecrets(Rpc rpc, Call call) {
    SecretStore store = call.workspace().store();
    List<SecretInfo> all = store.listSecrets(call.vault(VAULT));
    Page<SecretInfo> page =
        Page.newestFirst(all, SecretInfo::createTime, SecretInfo::name, call.request());
    DynamicMessage.Builder answer = DynamicMessage.newBuilder(rpc.response());
    for (SecretInfo secret : page.elements()) {
      answer.addRepeatedField(
          Fields.field(rpc.response(), "secrets"),
          described(
              rpc.response(), "secrets", secret.name(), secret.createTime(), secret.updateTime()));
    }
    return withPage(answer, page);
  }

  private static RefusedCall noSuchVault() {
    return new RefusedCall(Code.NOT_FOUND, "there is no such vault");
  }

  private static Message answer(
      Rpc rpc, String field, String name, Instant createTime, Instant updateTime) {
    return DynamicMessage.newBuilder(rpc.response())
        .setField(
            Fields.field(rpc.response(), field),
            described(rpc.response(), field, name, createTime, updateTime))
        .build();
  }

  private static DynamicMessage described(
      Descriptor answer, String field, String name, Instant createTime, Instant updateTime) {
    DynamicMessage.Builder described = Fields.builderOf(answer, field);
    Descriptor type = described.getDescriptorForType();
    return described
        .setField(Fields.field(type, "name"), name)
        .setField(Fields.field(type, "create_time"), Times.timestamp(createTime))
        .setField(Fields.field(type, "update_time"), Times.timestamp(updateTime))
        .build();
  }

  /** Adds what every list tells of its pages. */
  static Message withPage(DynamicMessage.Builder answer, Page<?> page) {
    Descriptor type = answer.getDescriptorForType();
    return answer
        .setField(Fields.field(type, "next_page_token"), page.nextToken())
        .setField(Fields.field(type, "total_count"), page.totalCount())
        .build();
  }
}
