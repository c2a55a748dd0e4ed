package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.DynamicMessage;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretRef;

/**
 * A call by somebody who may make it: the request, with its names checked and what they lead to
 * found, or refused. To whom a workspace or a vault is closed it makes no difference whether it
 * exists.
 */
final class Call {

  private static final Pattern WORKSPACE_ID = Pattern.compile(Trn.WORKSPACE_ID);

  private final Caller caller;
  private final Workspace workspace;
  private final DynamicMessage request;

  Call(Caller caller, Workspace workspace, DynamicMessage request) {
    this.caller = caller;
    this.workspace = workspace;
    this.request = request;
  }

  Caller caller() {
    return caller;
  }

  DynamicMessage request() {
    return request;
  }

  String text(String field) {
    return Fields.text(request, field);
  }

  /** The caller's workspace, if it is the one that the request names. */
  Workspace workspace() {
    String id = text("workspace_id");
    if (!WORKSPACE_ID.matcher(id).matches()) {
      throw new RefusedCall(Code.INVALID_ARGUMENT, "workspace_id must be a UUID");
    }
    return workspace(id);
  }

  Workspace workspace(String id) {
    if (!id.equalsIgnoreCase(workspace.id())) {
      throw new RefusedCall(
          Code.PERMISSION_DENIED, "the access token is not for the workspace of this request");
    }
    return workspace;
  }

  /** The vault's name in the field, valid and open to the caller. */
  String vault(String field) {
    String vault = text(field);
    requireName(field, vault);
    requireOpen(vault);
    return vault;
  }

  void requireOpen(String vault) {
    if (!caller.mayTouch(vault)) {
      throw new RefusedCall(Code.PERMISSION_DENIED, "the access token is limited to other vaults");
    }
  }

  /** The secret's address in the fields, valid and open to the caller. */
  SecretRef secret(String vaultField, String nameField) {
    String vault = vault(vaultField);
    requireName(nameField, text(nameField));
    return SecretRef.of(vault, text(nameField));
  }

  static void requireName(String field, String name) {
    try {
      SecretRef.requireVaultName(name);
    } catch (IllegalArgumentException e) {
      // Its message quotes the name, which is not ours to repeat: it may be anything.
      throw new RefusedCall(Code.INVALID_ARGUMENT, field + " must match " + SecretRef.NAME_GRAMMAR);
    }
  }
}
