package tech.tailor.secretmanager.etcd;

import static java.util.Objects.requireNonNull;

import io.etcd.jetcd.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.envelope.KeyVariables;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens an {@link EtcdSecretStore} for an address such as
 * {@code etcd://host1:2379,host2:2379/secretmanager/orders}: the endpoints, and the prefix from the
 * slash on. A port that is left out is 2379. The variables of the key are those of
 * {@link KeyVariables}.
 *
 * <p>Such a store connects without TLS and without a user. Where etcd asks for either, make a
 * client, and use {@link EtcdSecretStore#builder}.
 *
 * <p>Found by the {@link java.util.ServiceLoader}; applications don't call it.
 */
public final class EtcdSecretStoreProvider implements SecretStoreProvider {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String SCHEME = "etcd";
  private static final String STORE = "a store in etcd";
  private static final String DEFAULT_PORT = ":2379";
  private static final Pattern ADDRESS = Pattern.compile("etcd://([^/?#@]+)(/[^?#]+)");
  private static final Pattern ENDPOINT =
      Pattern.compile("([A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+])(:[0-9]{1,5})?");

  /** For the {@link java.util.ServiceLoader}. */
  public EtcdSecretStoreProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public SecretStore open(String address, Map<String, String> environment) {
    requireNonNull(environment, "environment");
    Address parsed = Address.parse(requireNonNull(address, "address"));
    return builder(parsed, environment, KeyVariables.read(environment, STORE)).open();
  }

  /** Makes the key file and the store where they are missing. */
  @Override
  public SecretStore create(String address, Map<String, String> environment) {
    requireNonNull(environment, "environment");
    Address parsed = Address.parse(requireNonNull(address, "address"));
    return builder(parsed, environment, KeyVariables.create(environment, STORE))
        .createIfMissing()
        .open();
  }

  private static EtcdSecretStore.Builder builder(
      Address address, Map<String, String> environment, MasterKey key) {
    Optional<MasterKey> previous = KeyVariables.readPrevious(environment);
    Client client =
        Client.builder().endpoints(address.endpoints.toArray(new String[0])).build();
    EtcdSecretStore.Builder builder =
        EtcdSecretStore.builder(client, address.prefix, key).closingClient();
    previous.ifPresent(builder::previousKey);
    return builder;
  }

  /** An address in its parts. */
  private record Address(List<String> endpoints, String prefix) {

    private static Address parse(String address) {
      Matcher matcher = ADDRESS.matcher(address);
      if (!matcher.matches() || !EtcdSecretStore.Builder.isPrefix(matcher.group(2))) {
        throw invalid();
      }
      List<String> endpoints = new ArrayList<>();
      for (String text : matcher.group(1).split(",", -1)) {
        Matcher endpoint = ENDPOINT.matcher(text);
        if (!endpoint.matches()) {
          throw invalid();
        }
        String port = endpoint.group(2) == null ? DEFAULT_PORT : endpoint.group(2);
        if (Integer.parseInt(port, 1, port.length(), 10) > 65_535) {
          throw invalid();
        }
        endpoints.add("http://" + endpoint.group(1) + port);
      }
      return new Address(endpoints, matcher.group(2));
    }

    private static IllegalArgumentException invalid() {
      return new IllegalArgumentException(URL + " must be the endpoints of etcd and the prefix of"
          + " the store, such as etcd://host1:2379,host2:2379/secretmanager/orders. A user and TLS"
          + " are settings of a client that your code makes, for EtcdSecretStore.builder");
    }
  }
}
