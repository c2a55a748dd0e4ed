package tech.tailor.secretmanager.http;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * Whatever somebody else supplies, asked each time.
 *
 * @param what names it in a message
 */
record SuppliedToken(Supplier<String> supplier, String what) implements TokenSource {

  @Override
  public String current(Deadline deadline) {
    @Nullable String token;
    try {
      token = supplier.get();
    } catch (SecretManagerException e) {
      throw e;
    } catch (RuntimeException e) { // its message could hold a token
      throw new SecretUnavailableException(
          what + " failed with a " + e.getClass().getName() + "; its message is withheld");
    }
    if (token == null || !Tokens.isValid(token)) {
      throw new SecretUnavailableException(what + " gave no token: one is 1 to "
          + HttpLimits.TOKEN_LENGTH + " visible ASCII characters, without white space");
    }
    return token;
  }

  @Override
  public String afterRefusal(String refused, Deadline deadline) {
    return current(deadline);
  }
}
