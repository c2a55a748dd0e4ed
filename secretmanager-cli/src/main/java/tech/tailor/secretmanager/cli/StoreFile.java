package tech.tailor.secretmanager.cli;

import java.net.URI;
import java.nio.file.Path;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/** What is a file store's alone: its file and its keys. */
final class StoreFile {

  static final String SCHEME = "file:";

  private static final String NAME = "secrets.json";

  private StoreFile() {}

  /** The store as one in a file. */
  static FileSecretStore require(SecretStore store) {
    if (store instanceof FileSecretStore file) {
      return file;
    }
    throw notAFile();
  }

  /** The file of the store at an address, which the provider has accepted. */
  static Path at(String address) {
    if (!address.startsWith(SCHEME)) {
      throw notAFile();
    }
    String rest = address.substring(SCHEME.length());
    Path directory = rest.startsWith("///") ? Path.of(URI.create(address)) : Path.of(rest);
    return directory.resolve(NAME).toAbsolutePath();
  }

  private static CliException notAFile() {
    return CliException.of(
        "UNSUPPORTED",
        "That is for a store in a file.",
        "Name one with --store file:DIRECTORY; other stores are copied: secretmanager copy --help");
  }
}
