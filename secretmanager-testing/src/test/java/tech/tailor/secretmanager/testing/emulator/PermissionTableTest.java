package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every method, called by everybody, in every workspace: what is answered is what the table here
 * says, which is written by hand and apart from the one that the emulator has.
 */
@Tag("suite")
class PermissionTableTest {

  private static final String SCRIPT = "// tailor.secretmanager sealed reader, protocol 1\n";

  /** What a method is: L a look, W a change, V a read of values. No row, no build. */
  private static final Map<String, String> KINDS = Map.ofEntries(
      Map.entry("CreateSecretManagerVault", "W"),
      Map.entry("GetSecretManagerVault", "L"),
      Map.entry("DeleteSecretManagerVault", "W"),
      Map.entry("ListSecretManagerVaults", "L"),
      Map.entry("CreateSecretManagerSecret", "W"),
      Map.entry("UpdateSecretManagerSecret", "W"),
      Map.entry("DeleteSecretManagerSecret", "W"),
      Map.entry("GetSecretManagerSecret", "L"),
      Map.entry("ListSecretManagerSecrets", "L"),
      Map.entry("SetMetadata", "W"),
      Map.entry("GetMetadata", "L"),
      Map.entry("BulkSetMetadata", "W"),
      Map.entry("ListMetadata", "L"),
      Map.entry("TestExecScript", "V"),
      Map.entry("GetFunctionExecution", "V"),
      Map.entry("GetSecrets", "V"));

  private final MovedClock clock = new MovedClock();
  private SecretManagerEmulator emulator;
  private String otherWorkspace;
  private final Map<String, String> headersByCaller = new LinkedHashMap<>();

  @BeforeEach
  void start() {
    emulator = SecretManagerEmulator.builder().clock(clock).start();
    otherWorkspace = emulator.addWorkspace();
    emulator.put("default", "api-key", "a made-up value");
    String expired =
        emulator.tokenFor(EmulatorRole.ADMIN).lifetime(Duration.ofMinutes(1)).issue();
    clock.now = clock.now.plus(Duration.ofMinutes(1));
    String revoked = emulator.tokenFor(EmulatorRole.ADMIN).issue();
    emulator.revokeToken(revoked);
    String viewer = bearer(emulator.tokenFor(EmulatorRole.VIEWER).issue());
    String editor = bearer(emulator.tokenFor(EmulatorRole.EDITOR).issue());
    String admin = bearer(emulator.adminToken());
    headersByCaller.put("nobody", "");
    headersByCaller.put("garbage", bearer("garbage"));
    headersByCaller.put("another scheme", admin.replace("Bearer", "Basic"));
    headersByCaller.put("expired", bearer(expired));
    headersByCaller.put("revoked", bearer(revoked));
    headersByCaller.put("twice the same", admin + admin);
    headersByCaller.put("two in one", admin.replace("\r\n", ", " + admin.substring(15)));
    headersByCaller.put("viewer, then admin", viewer + admin);
    headersByCaller.put("viewer", viewer);
    headersByCaller.put("editor", editor);
    headersByCaller.put("admin", admin);
    headersByCaller.put(
        "admin of another vault",
        bearer(emulator.tokenFor(EmulatorRole.ADMIN).vaults("another").issue()));
    headersByCaller.put(
        "admin of another workspace",
        bearer(emulator.tokenFor(EmulatorRole.ADMIN).workspaceId(otherWorkspace).issue()));
  }

  @AfterEach
  void stop() {
    emulator.close();
  }

  @Test
  void everyMethod_hasARow() {
    List<String> methods = Rpc.all().map(Rpc::name).sorted().toList();

    assertThat(new TreeSet<>(KINDS.keySet())).containsExactlyElementsOf(methods);
    assertThat(new TreeSet<>(Permissions.methods())).containsExactlyElementsOf(methods);
  }

  @Test
  void control_aMethodWithoutARow_isForNobody() {
    for (EmulatorRole role : EmulatorRole.values()) {
      assertThat(Permissions.allow(role, "DropEverything")).isFalse();
    }
  }

  @Test
  void everyCell_isAsTheTableSays() {
    List<String> wrong = wrongCells(PermissionTableTest::expected);

    assertThat(wrong).isEmpty();
  }

  @Test
  void control_aTableThatAllowsMore_isCaught() {
    List<String> wrong = wrongCells(
        cell -> cell.caller.equals("viewer") && !cell.isForeign() ? "ok" : expected(cell));

    assertThat(wrong)
        .hasSize((int) KINDS.values().stream().filter(kind -> !kind.equals("L")).count());
  }

  /** A call: of what, by whom, in which workspace. */
  private record Cell(String method, String caller, String workspace) {

    private boolean isForeign() {
      return !workspace.equals("own");
    }
  }

  private static String expected(Cell cell) {
    String kind = KINDS.get(cell.method);
    boolean own = cell.workspace.equals("own");
    return switch (cell.caller) {
      case "admin", "editor" -> own ? "ok" : "permission_denied";
      case "viewer" -> own && kind.equals("L") ? "ok" : "permission_denied";
      case "admin of another vault" -> {
        // What it sees is cut to its vaults, which leaves nothing; what it asks for is not there.
        if (own && List.of("ListSecretManagerVaults", "ListMetadata").contains(cell.method)) {
          yield "ok";
        }
        yield own && cell.method.equals("GetFunctionExecution") ? "not_found" : "permission_denied";
      }
      // "other" is its own, and empty.
      case "admin of another workspace" -> {
        if (!cell.workspace.equals("other")) {
          yield "permission_denied";
        }
        yield switch (cell.method) {
          case "CreateSecretManagerVault",
              "ListSecretManagerVaults",
              "ListMetadata",
              "TestExecScript" -> "ok";
          default -> "not_found";
        };
      }
      default -> "unauthenticated";
    };
  }

  private List<String> wrongCells(Function<Cell, String> table) {
    List<String> wrong = new ArrayList<>();
    Map<String, Integer> outcomes = new TreeMap<>();
    int cells = 0;
    for (String method : new TreeSet<>(KINDS.keySet())) {
      for (String caller : headersByCaller.keySet()) {
        for (String workspace : List.of("own", "other", "missing")) {
          Cell cell = new Cell(method, caller, workspace);
          prepare();
          String got = call(cell);
          cells++;
          outcomes.merge(got, 1, Integer::sum);
          if (!got.equals(table.apply(cell))) {
            wrong.add(cell + " expected " + table.apply(cell) + " got " + got);
          }
        }
      }
    }
    System.out.println(
        "Permission table: " + cells + " cells, " + wrong.size() + " wrong, " + outcomes);
    assertThat(cells).isGreaterThanOrEqualTo(240);
    return wrong;
  }

  /** Each cell finds one vault with one secret, one empty one, and one to be created. */
  private void prepare() {
    Connect admin = Connect.to(emulator);
    emulator.put("default", "api-key", "a made-up value");
    admin.call(
        "DeleteSecretManagerSecret",
        Map.of("secretmanagerVaultName", "default", "secretmanagerSecretName", "new-key"));
    admin.call("DeleteSecretManagerVault", Map.of("secretmanagerVaultName", "new-vault"));
    admin.call("CreateSecretManagerVault", Map.of("secretmanagerVaultName", "empty-vault"));
    Connect other = Connect.to(
        emulator,
        emulator.tokenFor(EmulatorRole.ADMIN).workspaceId(otherWorkspace).issue());
    other.call(
        "DeleteSecretManagerVault",
        Map.of("workspaceId", otherWorkspace, "secretmanagerVaultName", "new-vault"));
  }

  private String call(Cell cell) {
    String workspace = switch (cell.workspace) {
      case "own" -> emulator.workspaceId();
      case "other" -> otherWorkspace;
      default -> "00000000-0000-4000-8000-000000000000";
    };
    byte[] body = body(cell.method, workspace).toString().getBytes(UTF_8);
    String head = "POST " + Rpc.named(cell.method).path() + " HTTP/1.1\r\nHost: localhost\r\n"
        + headersByCaller.get(cell.caller)
        + "Content-Type: application/json\r\nConnection: close\r\nContent-Length: " + body.length
        + "\r\n\r\n";
    String response = exchange(concat(head.getBytes(ISO_8859_1), body));
    int status = Raw.status(response);
    if (status == 200) {
      return "ok";
    }
    try {
      return Connect.MAPPER
          .readTree(response.substring(response.indexOf("\r\n\r\n") + 4))
          .path("code")
          .asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectNode body(String method, String workspace) {
    Reader reader = new Reader("KEM_X25519");
    ObjectNode body = switch (method) {
      case "GetSecrets" ->
        Connect.MAPPER.valueToTree(reader.request("default", List.of("api-key")));
      case "TestExecScript" ->
        Connect.MAPPER.valueToTree(Map.of(
            "name",
            "reader.js",
            "code",
            SCRIPT,
            "arg",
            reader.argument(workspace, "default", List.of("api-key"))));
      case "GetFunctionExecution" -> Connect.MAPPER.valueToTree(Map.of("executionId", execution()));
      case "SetMetadata", "GetMetadata" ->
        Connect.MAPPER.valueToTree(
            Map.of("trn", "trn:v1:workspace:" + workspace + ":vault:default"));
      case "BulkSetMetadata" ->
        Connect.MAPPER.valueToTree(Map.of(
            "requests",
            List.of(Map.of("trn", "trn:v1:workspace:" + workspace + ":vault:default"))));
      case "ListMetadata" -> Connect.MAPPER.valueToTree(Map.of("labels", Map.of("a", "b")));
      case "CreateSecretManagerVault" ->
        Connect.MAPPER.valueToTree(Map.of("secretmanagerVaultName", "new-vault"));
      case "DeleteSecretManagerVault" ->
        Connect.MAPPER.valueToTree(Map.of("secretmanagerVaultName", "empty-vault"));
      case "CreateSecretManagerSecret" ->
        Connect.MAPPER.valueToTree(Map.of(
            "secretmanagerVaultName", "default",
            "secretmanagerSecretName", "new-key",
            "secretmanagerSecretValue", "a made-up value"));
      default ->
        Connect.MAPPER.valueToTree(Map.of(
            "secretmanagerVaultName", "default",
            "secretmanagerSecretName", "api-key",
            "secretmanagerSecretValue", "a made-up value"));
    };
    return body.has("trn") || body.has("requests") ? body : body.put("workspaceId", workspace);
  }

  /** One that ran in the own workspace. */
  private String execution() {
    Reader reader = new Reader("KEM_X25519");
    return Connect.to(emulator)
        .call(
            "TestExecScript",
            Map.of(
                "name",
                "reader.js",
                "code",
                SCRIPT,
                "arg",
                reader.argument(emulator.workspaceId(), "default", List.of("api-key"))))
        .at("/executionId")
        .asText();
  }

  @Test
  void whetherAnythingExists_isNotTold_toWhoMayNotSeeIt() {
    Connect limited = Connect.to(
        emulator, emulator.tokenFor(EmulatorRole.ADMIN).vaults("another").issue());
    Map<String, String> existing = Map.of("secretmanagerVaultName", "default");
    Map<String, String> missing = Map.of("secretmanagerVaultName", "no-such-vault");
    Map<String, String> other =
        Map.of("workspaceId", otherWorkspace, "secretmanagerVaultName", "default");
    Map<String, String> noWorkspace = Map.of(
        "workspaceId", "00000000-0000-4000-8000-000000000000", "secretmanagerVaultName", "default");

    for (String method : List.of("GetSecretManagerVault", "ListSecretManagerSecrets")) {
      assertThat(limited.call(method, existing).body())
          .isEqualTo(limited.call(method, missing).body());
      assertThat(limited.call(method, other).body())
          .isEqualTo(limited.call(method, noWorkspace).body());
    }
    assertThat(limited.call("ListSecretManagerVaults", Map.of()).body().path("vaults"))
        .isEmpty();
  }

  @Test
  void pathVariants_leadNowhere() {
    String good = "/tailor.v1.OperatorService/GetSecretManagerVault";
    List<String> variants = List.of(
        "/./tailor.v1.OperatorService/GetSecretManagerVault",
        "/tailor.v1.OperatorService/./GetSecretManagerVault",
        "/tailor.v1.OperatorService/x/../GetSecretManagerVault",
        "/../tailor.v1.OperatorService/GetSecretManagerVault",
        "/%2e/tailor.v1.OperatorService/GetSecretManagerVault",
        "/tailor.v1.OperatorService/%2e%2e/tailor.v1.OperatorService/GetSecretManagerVault",
        "//tailor.v1.OperatorService/GetSecretManagerVault",
        "/tailor.v1.OperatorService//GetSecretManagerVault",
        "/tailor.v1.OperatorService/GetSecretManagerVault/",
        "/tailor.v1.OperatorService/GetSecretManagerVault//",
        "/tailor.v1.OperatorService/GetSecretManagerVault%20",
        "/tailor.v1.OperatorService/GetSecretManagerVault%00",
        "/tailor.v1.OperatorService/GetSecretManagerVault;x=1",
        "/tailor.v1.OperatorService;x=1/GetSecretManagerVault",
        "/tailor.v1.OperatorService/GetSecretManagerVault?x=1",
        "/tailor.v1.OperatorService/getsecretmanagervault",
        "/TAILOR.V1.OPERATORSERVICE/GETSECRETMANAGERVAULT",
        "/tailor.v1.OperatorService/GetSecretManagerVaul%74",
        "/tailor%2ev1.OperatorService/GetSecretManagerVault",
        "/tailor.v1.OperatorService%2fGetSecretManagerVault",
        "/tailor.v1.OperatorService\\GetSecretManagerVault",
        "/tailor.v1.OperatorService/GetSecretManager\u212aault",
        "/tailor.v2.OperatorService/GetSecretManagerVault",
        "/tailor.v1.OperatorService/NoSuchMethod",
        "/tailor.v1.OperatorService/",
        "/",
        "*",
        "http://evil.example/tailor.v1.OperatorService/GetSecretManagerVault");
    int checked = 0;
    for (String path : variants) {
      for (String caller : List.of("admin", "nobody")) {
        int status = post(path, headersByCaller.get(caller));
        assertThat(status)
            .as("%s by %s", path, caller)
            .isIn(caller.equals("admin") ? List.of(400, 403, 501) : List.of(400, 401, 403));
        checked++;
      }
    }
    System.out.println("Permission table: " + checked + " path variants, 0 served");
    // WireMock passes an empty query on as none.
    for (String path : List.of(good, good + "?")) {
      assertThat(post(path, headersByCaller.get("admin"))).isEqualTo(200);
      assertThat(post(path, headersByCaller.get("nobody"))).isEqualTo(401);
    }
  }

  private int post(String path, String headers) {
    String body = "{\"workspaceId\":\"" + emulator.workspaceId()
        + "\",\"secretmanagerVaultName\":\"default\"}";
    String request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers
        + "Content-Type: application/json\r\nConnection: close\r\nContent-Length: "
        + body.length() + "\r\n\r\n" + body;
    return Raw.status(Raw.exchange(emulator, request.getBytes(UTF_8)));
  }

  private String exchange(byte[] request) {
    try (Socket socket = new Socket("127.0.0.1", emulator.endpoint().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** A clock that moves when it is told to. */
  private static final class MovedClock extends Clock {

    private volatile Instant now = Instant.parse("2026-11-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
