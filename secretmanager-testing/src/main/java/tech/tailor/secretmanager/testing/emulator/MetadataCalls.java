package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** The methods for labels, which belong to resource names. */
final class MetadataCalls {

  private static final int MOST_AT_ONCE = 100;

  private MetadataCalls() {}

  /** A resource, with the labels that it has or is to have. */
  private record Labelled(Trn trn, Map<String, String> labels) {

    static Labelled in(Workspace workspace, Trn trn) {
      return new Labelled(trn, workspace.labelsOf(trn));
    }

    /** What a request wants of a resource that exists. */
    static Labelled wanted(Call call, Message request) {
      Trn trn = requireTrn(call, Fields.text(request, "trn"));
      Map<String, String> labels = requireLabels(Fields.map(request, "labels"));
      requireExisting(call, trn);
      return new Labelled(trn, labels);
    }

    void setIn(SecretStore store) {
      String secret = trn.secret();
      if (secret == null) {
        store.setVaultLabels(trn.vault(), labels);
      } else {
        store.setLabels(trn.vault(), secret, labels);
      }
    }
  }

  static Message set(Rpc rpc, Call call) {
    Labelled change = Labelled.wanted(call, call.request());
    change.setIn(call.workspace(change.trn.workspaceId()).store());
    return answer(rpc, change.labels);
  }

  static Message get(Rpc rpc, Call call) {
    Trn trn = requireTrn(call, call.text("trn"));
    requireExisting(call, trn);
    return answer(rpc, call.workspace(trn.workspaceId()).labelsOf(trn));
  }

  /** None is changed if one of them is refused, nor, where the store has commits, if one fails. */
  static Message setInBulk(Rpc rpc, Call call) {
    List<Message> requests = Fields.messages(call.request(), "requests");
    if (requests.isEmpty() || requests.size() > MOST_AT_ONCE) {
      throw new RefusedCall(
          Code.INVALID_ARGUMENT, "there must be 1 to " + MOST_AT_ONCE + " requests");
    }
    List<Labelled> changes = new ArrayList<>();
    requests.forEach(request -> changes.add(Labelled.wanted(call, request)));
    call.workspace(changes.get(0).trn.workspaceId())
        .change(store -> changes.forEach(change -> change.setIn(store)));
    DynamicMessage.Builder answer = DynamicMessage.newBuilder(rpc.response());
    changes.forEach(change -> addResult(answer, change));
    return answer.build();
  }

  /** Whatever has all the labels of the request, by resource name. */
  static Message list(Rpc rpc, Call call) {
    Workspace workspace = call.workspace();
    Map<String, String> wanted = requireLabels(Fields.map(call.request(), "labels"));
    if (wanted.isEmpty()) {
      throw new RefusedCall(Code.INVALID_ARGUMENT, "there must be a label to look for");
    }
    List<Labelled> found = new ArrayList<>();
    for (VaultInfo vault : workspace.store().listVaults()) {
      if (call.caller().mayTouch(vault.name())) {
        add(found, workspace, vault.name());
      }
    }
    found.removeIf(each -> !each.labels.entrySet().containsAll(wanted.entrySet()));
    Page<Labelled> page = Page.byName(found, each -> each.trn.toString(), call.request());
    DynamicMessage.Builder answer = DynamicMessage.newBuilder(rpc.response());
    page.elements().forEach(each -> addResult(answer, each));
    return Operations.withPage(answer, page);
  }

  /** Adds the vault and its secrets, but for what is deleted meanwhile. */
  private static void add(List<Labelled> found, Workspace workspace, String vault) {
    add(found, workspace, new Trn(workspace.id(), vault, null));
    List<SecretInfo> secrets;
    try {
      secrets = workspace.store().listSecrets(vault);
    } catch (SecretNotFoundException e) {
      return;
    }
    secrets.forEach(secret -> add(found, workspace, new Trn(workspace.id(), vault, secret.name())));
  }

  private static void add(List<Labelled> found, Workspace workspace, Trn trn) {
    try {
      found.add(Labelled.in(workspace, trn));
    } catch (SecretNotFoundException e) {
      // It has no labels any more.
    }
  }

  private static Map<String, String> requireLabels(Map<String, String> labels) {
    try {
      return SecretStore.requireLabels(labels);
    } catch (IllegalArgumentException e) {
      throw new RefusedCall(
          Code.INVALID_ARGUMENT,
          "there may be " + SecretStore.MAX_LABELS + " labels at most; their keys must match "
              + SecretStore.LABEL_GRAMMAR + ", and their values too or be empty");
    }
  }

  private static Trn requireTrn(Call call, String text) {
    String workspaceId = Trn.workspaceOf(text)
        .orElseThrow(() -> new RefusedCall(
            Code.INVALID_ARGUMENT,
            "trn must be trn:v1:workspace:ID:vault:NAME, with :secret:NAME after it for a secret"));
    call.workspace(workspaceId);
    Trn trn = Trn.parse(text)
        .orElseThrow(() -> new RefusedCall(
            Code.NOT_FOUND, "the emulator has no such resource: it has vaults and secrets"));
    call.requireOpen(trn.vault());
    return trn;
  }

  private static void requireExisting(Call call, Trn trn) {
    SecretStore store = call.workspace(trn.workspaceId()).store();
    String secret = trn.secret();
    boolean exists = secret == null
        ? store.describeVault(trn.vault()).isPresent()
        : store.describeSecret(trn.vault(), secret).isPresent();
    if (!exists) {
      throw new RefusedCall(Code.NOT_FOUND, "there is no such vault or secret");
    }
  }

  private static Message answer(Rpc rpc, Map<String, String> labels) {
    return DynamicMessage.newBuilder(rpc.response())
        .setField(Fields.field(rpc.response(), "metadata"), metadata(rpc.response(), labels))
        .build();
  }

  private static void addResult(DynamicMessage.Builder answer, Labelled labelled) {
    DynamicMessage.Builder result = Fields.builderOf(answer.getDescriptorForType(), "results");
    Descriptor type = result.getDescriptorForType();
    result
        .setField(Fields.field(type, "trn"), labelled.trn.toString())
        .setField(Fields.field(type, "metadata"), metadata(type, labelled.labels));
    answer.addRepeatedField(Fields.field(answer.getDescriptorForType(), "results"), result.build());
  }

  private static DynamicMessage metadata(Descriptor of, Map<String, String> labels) {
    DynamicMessage.Builder metadata = Fields.builderOf(of, "metadata");
    Fields.putMap(metadata, "labels", labels);
    return metadata.build();
  }
}
