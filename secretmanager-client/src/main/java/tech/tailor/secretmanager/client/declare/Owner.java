package tech.tailor.secretmanager.client.declare;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretSupport;

/** Who owns a vault or a secret, as its labels say: a declaration, or a deployment of the SDK. */
final class Owner {

  /** Any one of these says that Tailor's SDK deployed it; a value may be empty. */
  private static final Set<String> SDK_LABELS = Set.of("sdk-app-id", "sdk-name", "sdk-version");

  private Owner() {}

  /** Whether a deployment of Tailor's SDK put its labels there. */
  static boolean isSdk(Map<String, String> labels) {
    return labels.keySet().stream().anyMatch(Owner::isSdkLabel);
  }

  static boolean isSdkLabel(String key) {
    return SDK_LABELS.contains(key);
  }

  /** Whether nobody owns it. */
  static boolean isNobody(Map<String, String> labels) {
    return !labels.containsKey(SecretPlan.OWNER_LABEL) && !isSdk(labels);
  }

  /** The owner, as a plan names it. */
  static String describe(Map<String, String> labels) {
    String declared = labels.get(SecretPlan.OWNER_LABEL);
    if (declared != null) {
      return SecretSupport.quote(declared);
    }
    Map<String, String> ofSdk = new TreeMap<>(labels);
    ofSdk.keySet().removeIf(key -> !isSdkLabel(key));
    return "a deployment of Tailor's SDK " + ofSdk;
  }
}
