package tech.tailor.secretmanager.http;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Reads values in either mode: sends a request, opens the sealed answer, and makes an outcome for
 * each name. The only class in which a value that came over HTTP is in clear.
 */
final class SealedFetch {

  private final String workspaceId;
  private final SealedReads reads;
  private final ReadKeys keys;
  private final BiPredicate<String, Deadline> vaultExists;

  /**
   * Creates a reader.
   *
   * @param reads sends the requests
   * @param vaultExists asks the server whether a vault exists, if an answer doesn't say
   */
  SealedFetch(
      String workspaceId,
      SealedReads reads,
      ReadKeys keys,
      BiPredicate<String, Deadline> vaultExists) {
    this.workspaceId = workspaceId;
    this.reads = reads;
    this.keys = keys;
    this.vaultExists = vaultExists;
  }

  /**
   * An outcome for each name; the values are the caller's. Where several answers are needed and one
   * of them fails, that is the outcome of the names that have none yet.
   */
  Map<String, SecretOutcome> fetch(String vault, Set<String> names, Deadline deadline) {
    Map<String, SecretOutcome> outcomes = new HashMap<>();
    boolean fetched = false;
    try {
      List<String> all = List.copyOf(names);
      for (int from = 0; from < all.size(); from += HttpLimits.NAMES_PER_READ) {
        int to = Math.min(all.size(), from + HttpLimits.NAMES_PER_READ);
        fetchSome(vault, all.subList(from, to), deadline, outcomes);
      }
      fetched = true;
      return outcomes;
    } catch (SecretManagerException e) {
      if (outcomes.isEmpty()) {
        throw e;
      }
      names.forEach(name -> outcomes.putIfAbsent(name, new SecretOutcome.Failed(e)));
      fetched = true;
      return outcomes;
    } finally {
      if (!fetched) {
        closeAll(outcomes);
      }
    }
  }

  private void fetchSome(
      String vault, List<String> names, Deadline deadline, Map<String, SecretOutcome> outcomes) {
    SealedRequest request = SealedRequest.of(workspaceId, vault, names, keys.current());
    SealedAnswer answer;
    try {
      answer = reads.read(request, deadline);
    } catch (RefusedException e) {
      throw e.failure();
    }
    if (answer instanceof SealedAnswer.Sealed sealed) {
      open(request, sealed, deadline, outcomes);
    } else if (answer instanceof SealedAnswer.TooLarge) {
      split(vault, names, deadline, outcomes);
    } else if (answer instanceof SealedAnswer.Unread && vaultExists.test(vault, deadline)) {
      throw new SecretUnavailableException("Could not " + Intents.read(request)
          + ": the function runtime could not read the vault, which exists; try again later");
    } else {
      putMissing(names, Missing.VAULT, outcomes);
    }
  }

  /** Asks for each half of the names: one answer is limited in bytes, and half may fit. */
  private void split(
      String vault, List<String> names, Deadline deadline, Map<String, SecretOutcome> outcomes) {
    if (names.size() == 1) {
      outcomes.put(
          names.get(0),
          new SecretOutcome.Failed(new SecretProtocolException("Could not "
              + Intents.read(vault, names) + ": its value is larger than "
              + SecretValue.MAX_SIZE_BYTES + " bytes")));
      return;
    }
    int half = names.size() / 2;
    fetchSome(vault, names.subList(0, half), deadline, outcomes);
    fetchSome(vault, names.subList(half, names.size()), deadline, outcomes);
  }

  private void open(
      SealedRequest request,
      SealedAnswer.Sealed answer,
      Deadline deadline,
      Map<String, SecretOutcome> outcomes) {
    Map<String, byte[]> values = values(request, answer);
    boolean opened = false;
    try {
      List<String> missing = new ArrayList<>(request.names());
      missing.removeAll(values.keySet());
      Optional<SealedAnswer.Told> told = answer.told();
      if (told.isPresent()) {
        requireAgreement(request, told.get(), values.keySet(), missing);
      }
      if (!missing.isEmpty()) {
        boolean vaultIsThere =
            told.isPresent() || !values.isEmpty() || vaultExists.test(request.vault(), deadline);
        putMissing(missing, vaultIsThere ? Missing.SECRET : Missing.VAULT, outcomes);
      }
      values.forEach((name, bytes) -> {
        SecretMetadata metadata =
            told.map(all -> all.found().get(name)).orElseGet(SecretMetadata::unversioned);
        outcomes.put(name, new SecretOutcome.Found(SecretSupport.adopt(bytes, metadata)));
      });
      opened = true;
    } finally {
      if (!opened) {
        SealedMessage.wipe(values);
      }
    }
  }

  private static Map<String, byte[]> values(SealedRequest request, SealedAnswer.Sealed answer) {
    byte[] plaintext;
    try {
      plaintext = request.keys().open(answer.kem(), answer.sealed(), request.info());
    } catch (GeneralSecurityException e) {
      throw new SecretIntegrityException("Could not " + Intents.read(request)
          + ": what came back was not sealed for this request; something between here and the"
          + " server changed it, or answered with what was meant for another");
    } finally {
      Arrays.fill(answer.sealed(), (byte) 0);
    }
    try {
      return SealedMessage.read(plaintext, Set.copyOf(request.names()));
    } catch (MalformedAnswerException e) {
      throw invalid(request, e.getMessage());
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  private static void requireAgreement(
      SealedRequest request, SealedAnswer.Told told, Set<String> sealed, List<String> missing) {
    if (!told.found().keySet().equals(sealed)
        || told.missing().size() != missing.size()
        || !Set.copyOf(told.missing()).equals(Set.copyOf(missing))) {
      throw invalid(request, "the names in clear are not those of the sealed message");
    }
  }

  private static void putMissing(
      List<String> names, Missing missing, Map<String, SecretOutcome> outcomes) {
    names.forEach(name -> outcomes.put(name, new SecretOutcome.Missing(missing)));
  }

  private static void closeAll(Map<String, SecretOutcome> outcomes) {
    for (SecretOutcome outcome : outcomes.values()) {
      if (outcome instanceof SecretOutcome.Found found) {
        found.value().close();
      }
    }
  }

  private static SecretManagerException invalid(
      SealedRequest request, @org.jspecify.annotations.Nullable String why) {
    return new SecretProtocolException("Could not " + Intents.read(request) + ": " + why);
  }
}
