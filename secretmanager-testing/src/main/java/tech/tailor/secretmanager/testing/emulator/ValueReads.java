package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.testing.emulator.SealedAnswer.Kem;
import tech.tailor.secretmanager.testing.emulator.SealedAnswer.Question;
import tech.tailor.secretmanager.testing.emulator.SealedAnswer.Recipient;

/**
 * The two ways to read values: the runtime service, and the reader script of the function runtime.
 */
final class ValueReads {

  private final int runningPolls;
  private final Clock clock;

  /** @param runningPolls how many polls find a script still running */
  ValueReads(int runningPolls, Clock clock) {
    this.runningPolls = runningPolls;
    this.clock = clock;
  }

  Message getSecrets(Rpc rpc, Call call) {
    Workspace workspace = call.workspace();
    String vault = call.vault("vault_name");
    List<String> names = Fields.texts(call.request(), "secret_names");
    names.forEach(name -> Call.requireName("secret_names", name));
    List<Recipient> recipients = new ArrayList<>();
    for (Message recipient : Fields.messages(call.request(), "recipients")) {
      recipients.add(new Recipient(
          Kem.named(Fields.enumName(recipient, "kem")), Fields.bytes(recipient, "public_key")));
    }
    Question question = new Question(
        call.text("workspace_id"), vault, names, Fields.bytes(call.request(), "nonce"), recipients);
    String brokenRule = question.brokenRule();
    if (brokenRule != null) {
      throw new RefusedCall(Code.INVALID_ARGUMENT, brokenRule);
    }
    try (Found found = Found.in(workspace.store(), vault, names)) {
      if (found.isVaultMissing()) {
        throw new RefusedCall(Code.NOT_FOUND, "there is no such vault");
      }
      return sealedAnswer(rpc.response(), SealedAnswer.seal(question, found.values), names, found);
    }
  }

  private static Message sealedAnswer(
      Descriptor type, SealedAnswer sealed, List<String> names, Found found) {
    DynamicMessage.Builder answer = DynamicMessage.newBuilder(type)
        .setField(
            Fields.field(type, "kem"),
            Fields.field(type, "kem").getEnumType().findValueByName(sealed.kem().name()))
        .setField(Fields.field(type, "sealed"), sealed.sealed());
    for (String name : names) {
      SecretMetadata metadata = found.metadata.get(name);
      if (metadata == null) {
        answer.addRepeatedField(Fields.field(type, "missing_names"), name);
        continue;
      }
      DynamicMessage.Builder secret = Fields.builderOf(type, "secrets");
      Descriptor secretType = secret.getDescriptorForType();
      secret
          .setField(Fields.field(secretType, "name"), name)
          .setField(Fields.field(secretType, "version"), metadata.version());
      metadata
          .updateTime()
          .ifPresent(time ->
              secret.setField(Fields.field(secretType, "update_time"), Times.timestamp(time)));
      answer.addRepeatedField(Fields.field(type, "secrets"), secret.build());
    }
    return answer.build();
  }

  /** Runs the reader script, whose answer can be fetched when this returns. */
  Message runScript(Rpc rpc, Call call) {
    Workspace workspace = call.workspace();
    if (!ReaderScript.isOne(call.text("code"))) {
      throw new RefusedCall(
          Code.UNIMPLEMENTED,
          "the emulator runs no JavaScript: it knows the sealed reader of this library alone");
    }
    ReaderScript script = ReaderScript.withArgument(call.text("arg"));
    script.vault().ifPresent(call::requireOpen);
    Instant startedAt = clock.instant();
    String result = script.run(workspace);
    Workspace.Execution execution = new Workspace.Execution(
        UUID.randomUUID().toString(),
        call.text("name"),
        script.vault().orElse(""),
        startedAt,
        clock.instant(),
        result,
        runningPolls);
    workspace.addExecution(execution);
    return DynamicMessage.newBuilder(rpc.response())
        .setField(Fields.field(rpc.response(), "execution_id"), execution.id())
        .build();
  }

  Message pollExecution(Rpc rpc, Call call) {
    Workspace workspace = call.workspace();
    Workspace.Execution execution = workspace
        .poll(call.text("execution_id"))
        .filter(found -> call.caller().mayTouch(found.vault()))
        .orElseThrow(() -> new RefusedCall(Code.NOT_FOUND, "there is no such execution"));
    boolean running = execution.pollsLeft() > 0;
    DynamicMessage.Builder answer = Fields.builderOf(rpc.response(), "execution");
    Descriptor type = answer.getDescriptorForType();
    answer
        .setField(Fields.field(type, "id"), execution.id())
        .setField(Fields.field(type, "workspace_id"), workspace.id())
        .setField(Fields.field(type, "script_name"), execution.scriptName())
        .setField(Fields.field(type, "started_at"), Times.timestamp(execution.startedAt()))
        .setField(
            Fields.field(type, "status"),
            Fields.field(type, "status")
                .getEnumType()
                .findValueByName(running ? "STATUS_RUNNING" : "STATUS_SUCCESS"));
    if (!running) {
      answer
          .setField(
              Fields.field(type, "error_kind"),
              Fields.field(type, "error_kind")
                  .getEnumType()
                  .findValueByName("FUNCTION_ERROR_KIND_NONE"))
          .setField(Fields.field(type, "finished_at"), Times.timestamp(execution.finishedAt()))
          .setField(Fields.field(type, "result"), execution.result());
    }
    return DynamicMessage.newBuilder(rpc.response())
        .setField(Fields.field(rpc.response(), "execution"), answer.build())
        .build();
  }

  /** What a store gave for some names; the values are wiped when it is closed. */
  static final class Found implements AutoCloseable {

    private final SortedMap<String, byte[]> values = new TreeMap<>();
    private final Map<String, SecretMetadata> metadata = new LinkedHashMap<>();
    private boolean vaultMissing;

    private Found() {}

    /**
     * Asks the store.
     *
     * @throws tech.tailor.secretmanager.SecretManagerException if it fails, for one name or all
     */
    static Found in(SecretStore store, String vault, List<String> names) {
      Map<String, SecretOutcome> outcomes = store.fetch(vault, Set.copyOf(names));
      Found found = new Found();
      RuntimeException failure = null;
      for (String name : new TreeSet<>(names)) {
        SecretOutcome outcome = outcomes.get(name);
        if (outcome instanceof SecretOutcome.Found present) {
          try (SecretValue value = present.value()) {
            found.values.put(name, value.<byte[], RuntimeException>withBytes(byte[]::clone));
            found.metadata.put(name, value.metadata());
          }
        } else if (outcome instanceof SecretOutcome.Missing missing) {
          found.vaultMissing |= missing.missing() == Missing.VAULT;
        } else if (outcome instanceof SecretOutcome.Failed failed) {
          failure = failed.failure();
        }
      }
      if (failure != null) {
        found.close();
        throw failure;
      }
      return found;
    }

    boolean isVaultMissing() {
      return vaultMissing;
    }

    SortedMap<String, byte[]> values() {
      return values;
    }

    @Override
    public void close() {
      values.values().forEach(value -> Arrays.fill(value, (byte) 0));
    }
  }
}
