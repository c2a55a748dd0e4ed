package tech.tailor.secretmanager.http;

import tech.tailor.secretmanager.SecretRef;

/** Resource names, by which the platform knows what a label belongs to. */
final class Trn {

  private Trn() {}

  static String ofVault(String workspaceId, String vault) {
    return "trn:v1:workspace:" + workspaceId + ":vault:" + vault;
  }

  static String of(String workspaceId, SecretRef ref) {
    return ofVault(workspaceId, ref.vault()) + ":secret:" + ref.name();
  }
}
