package tech.tailor.secretmanager.http;

/** Reads by one call of the runtime service, which a server of one's own has. */
final class RuntimeServiceReads implements SealedReads {

  private final ConnectClient client;

  RuntimeServiceReads(ConnectClient client) {
    this.client = client;
  }

  @Override
  public SealedAnswer read(SealedRequest request, Deadline deadline) throws RefusedException {
    JsonBody body = new JsonBody()
        .text("workspaceId", request.workspaceId())
        .text("vaultName", request.vault())
        .texts("secretNames", request.names())
        .base64("nonce", request.nonce());
    try {
      return client.call(
          Operation.runtime("GetSecrets", () -> Intents.read(request)),
          request.keys().addTo(body),
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
