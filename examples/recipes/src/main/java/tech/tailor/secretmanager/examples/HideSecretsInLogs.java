package tech.tailor.secretmanager.examples;

import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.logging.SecretMask;

/** What if an exception quotes a secret, and is logged? A mask hides the values that were read. */
public final class HideSecretsInLogs {

  private HideSecretsInLogs() {}

  public static void main(String[] args) {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "api-key", "made-up-key");

    Logger logger = Logger.getLogger("orders");
    StreamHandler handler = new StreamHandler(System.out, new MessageAlone());
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);

    try (SecretMask mask = SecretMask.create();
        SecretManager secretManager = SecretManagers.open(mask.watching(store))) {
      mask.installInJul(); // or installInLogback(), installInLog4j()
      String quoted = secretManager.withSecret("orders", "api-key", SecretValue::revealString);
      logger.log(Level.WARNING, "401 for the key {0}", quoted);
      handler.flush();
    } finally {
      logger.removeHandler(handler);
    }
  }

  private static final class MessageAlone extends java.util.logging.Formatter {

    @Override
    public String format(java.util.logging.LogRecord record) {
      return formatMessage(record) + "\n";
    }
  }
}
