package tech.tailor.secretmanager.client.http;

import java.util.ArrayList;
import java.util.List;

/** The road of a server of one's own: one call of its runtime service. */
final class RuntimeServiceReads implements SealedReads {

  private final ConnectClient client;

  RuntimeServiceReads(ConnectClient client) {
    this.client = client;
  }

  @Override
  public SealedAnswer read(SealedRequest request, Deadline deadline) throws RefusedException {
    List<JsonBody> recipients = new ArrayList<>();
    for (Kem kem : Kem.values()) {
      recipients.add(new JsonBody()
          .text("kem", kem.wireName())
          .base64("publicKey", request.keys().publicKey(kem)));
    }
    JsonBody body = new JsonBody()
        .text("workspaceId", request.workspaceId())
        .text("vaultName", request.vault())
        .texts("secretNames", request.names())
        .base64("nonce", request.nonce())
        .objects("recipients", recipients);
    try {
      return client.call(
          Operation.runtime("GetSecrets", Intents.read(request)),
          body,
          Answers::runtimeAnswer,
          deadline);
    } catch (RefusedException e) {
      return switch (e.code()) {
        case NOT_FOUND -> new SealedAnswer.VaultMissing();
        case OUT_OF_RANGE -> new SealedAnswer.TooLarge();
        default -> throw e;
      };
    }
  }
}
