package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the distribution is whole: the launcher finds Java, its jars and the stores. */
@Tag("launcher")
class PlainLauncherTest {

  @TempDir
  Path directory;

  @Test
  void launcher_startsTheProgram() throws Exception {
    Launcher launcher = Launcher.over(directory).with("SECRETMANAGER_CACHE", "off");
    Launcher.Result init = launcher.run("init", "--json");
    assertThat(init.out()).as(init.err()).isEqualTo("{\"ready\":true}\n");
    assertThat(init.code()).isZero();
  }
}
