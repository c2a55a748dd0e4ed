package tech.tailor.secretmanager.http;

import java.util.function.Supplier;

/**
 * A method of a service, and what it is called for.
 *
 * @param service with its package
 * @param writes whether it changes anything, so that it must not be sent twice
 * @param intended completes "Could not …", such as "read the vault \"default\""; made for a failure
 */
record Operation(String service, String method, boolean writes, Supplier<String> intended) {

  private static final String OPERATOR = "tailor.v1.OperatorService";
  private static final String RUNTIME = "tailor.secretmanager.v1.RuntimeService";

  static Operation read(String method, String intent) {
    return new Operation(OPERATOR, method, false, () -> intent);
  }

  static Operation write(String method, String intent) {
    return new Operation(OPERATOR, method, true, () -> intent);
  }

  static Operation runtime(String method, Supplier<String> intended) {
    return new Operation(RUNTIME, method, false, intended);
  }

  String intent() {
    return intended.get();
  }

  String path() {
    return service + "/" + method;
  }
}
