package tech.tailor.secretmanager.envelope;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The real files, for tests that change what some calls do. */
public class ForwardingFiles implements StoreFiles {

  private final StoreFiles real = StoreFiles.local();

  @Override
  public boolean exists(Path file) {
    return real.exists(file);
  }

  @Override
  public FileIdentity identify(Path file) throws IOException {
    return real.identify(file);
  }

  @Override
  public ReadFile open(Path file) throws IOException {
    return real.open(file);
  }

  @Override
  public ReadFile openKey(Path file) throws IOException {
    return real.openKey(file);
  }

  @Override
  public NewFile create(Path file) throws IOException {
    return real.create(file);
  }

  @Override
  public void replace(Path file, Path target) throws IOException {
    real.replace(file, target);
  }

  @Override
  public void link(Path name, Path file) throws IOException {
    real.link(name, file);
  }

  @Override
  public void delete(Path file) throws IOException {
    real.delete(file);
  }

  @Override
  public List<Path> list(Path directory, Pattern names) throws IOException {
    return real.list(directory, names);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    real.createDirectories(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    real.forceDirectory(directory);
  }

  @Override
  public FileChannel createLock(Path file) throws IOException {
    return real.createLock(file);
  }

  @Override
  public FileChannel openLock(Path file) throws IOException {
    return real.openLock(file);
  }
}
