package tech.tailor.secretmanager.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThisUserTest {

  @TempDir
  Path root;

  @BeforeEach
  void makeTheDirectories() throws IOException {
    Files.createDirectories(root.resolve("proc/self"));
    Files.createDirectories(root.resolve("proc/sys/kernel"));
    Files.createDirectory(root.resolve("etc"));
    write("proc/self/status", "Name:\tjava\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t5\t5\t5\n");
    write("proc/self/uid_map", "         0          0 4294967295\n");
  }

  @Test
  void effectiveUser_isTold_andOthersAreToldApart() throws IOException {
    ThisUser user = ThisUser.of(root);
    assertThat(user.uid()).hasValue(1001);
    assertThat(user.isRoot()).isFalse();
    assertThat(user.isOther(0)).isFalse();
    assertThat(user.isOther(1001)).isFalse();
    assertThat(user.isOther(1000)).isTrue();
    write("proc/self/status", "Uid:\t1000\t0\t0\t0\n");
    assertThat(ThisUser.of(root).isRoot()).isTrue();
    for (String status : new String[] {"", "Uid:\n", "Uid:\tx\ty\n"}) {
      write("proc/self/status", status);
      assertThat(ThisUser.of(root).uid()).isEmpty();
      assertThat(ThisUser.of(root).isOther(7)).as("not known").isFalse();
    }
    Files.delete(root.resolve("proc/self/status"));
    assertThat(ThisUser.of(root).uid()).isEmpty();
    assertThat(ThisUser.of(root).isAloneIn(1001)).isFalse();
  }

  @Test
  void ownerFromOutside_isToldByTheMapOfUsers() throws IOException {
    assertThat(ThisUser.of(root).isOutside(65_534))
        .as("nobody, of this machine")
        .isFalse();
    write("proc/self/uid_map", "0 1000 1\n");
    assertThat(ThisUser.of(root).isOutside(65_534)).isTrue();
    assertThat(ThisUser.of(root).isOutside(1000)).isFalse();
    write("proc/self/uid_map", "0 1000 1\n1 100000 65536\n");
    assertThat(ThisUser.of(root).isOutside(65_534)).as("mapped").isFalse();
    write("proc/self/uid_map", "0 1000 1\n");
    write("proc/sys/kernel/overflowuid", "99\n");
    assertThat(ThisUser.of(root).isOutside(99)).isTrue();
    assertThat(ThisUser.of(root).isOutside(65_534)).isFalse();
  }

  @Test
  void group_isTheUsersOwn_onlyIfNobodyElseIsKnownInIt() throws IOException {
    String me = "me:x:1001:1001:,,,:/home/me:/bin/sh\n";
    String other = "other:x:1002:100::/home/other:/bin/sh\n";
    String group = "root:x:0:\nusers:x:100:me\nme:x:1001:";
    assertThat(alone(me + other, group + "\n")).isTrue();
    assertThat(alone(me + other, group + "me\n")).isTrue();
    assertThat(alone(me.replace("me:x", "also-me:x") + me, group + "me\n")).isTrue();
    for (Map.Entry<String, String> each : Map.of(
            me + other,
            group + "me,other\n",
            me + other + "\n",
            group + "other\n",
            me + other.replace(":100:", ":1001:"),
            group + "\n",
            me,
            "root:x:0:\n",
            "",
            group + "\n",
            me.replace(":1001:,", ":100:,"),
            group + "me\n",
            me + "+\n",
            group + "\n",
            me + "garbage\n:::\n",
            group + "\n+other:::\n")
        .entrySet()) {
      assertThat(alone(each.getKey(), each.getValue()))
          .as(each.getKey() + each.getValue())
          .isFalse();
    }
    write("etc/passwd", "me:x:1001:0::/:/bin/sh\n");
    assertThat(ThisUser.of(root).isAloneIn(0)).as("root's group").isFalse();
  }

  private boolean alone(String users, String groups) throws IOException {
    write("etc/passwd", users);
    write("etc/group", groups);
    return ThisUser.of(root).isAloneIn(1001);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(root.resolve(file), text);
  }
}
