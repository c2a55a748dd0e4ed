package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request must be like before anybody looks at what it asks. */
class HttpRequestsTest {

  private static final String LIST = "/tailor.v1.OperatorService/ListSecretManagerVaults";
  private static final String CREATE = "/tailor.v1.OperatorService/CreateSecretManagerVault";

  private static SecretManagerEmulator emulator;
  private static Connect admin;

  @BeforeAll
  static void start() {
    emulator = SecretManagerEmulator.start();
    admin = Connect.to(emulator);
    for (int i = 10; i < 40; i++) {
      admin.createVault("vault-" + i);
    }
  }

  @AfterAll
  static void stop() {
    emulator.close();
  }

  @Test
  void otherInterfaces_areNotServed() throws IOException {
    List<InetAddress> others = Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLoopbackAddress())
        .toList();
    for (InetAddress other : others) {
      boolean reached;
      try (Socket socket = new Socket(other, emulator.endpoint().getPort())) {
        reached = socket.isConnected();
      } catch (IOException e) {
        reached = false;
      }
      assertThat(reached).as("%s", other).isFalse();
    }
    Assumptions.assumeFalse(
        others.isEmpty(), "SKIPPED: this machine has no other network interface");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/__admin/",
        "/__admin/mappings",
        "/__admin/mappings/reset",
        "/__admin/requests",
        "/__admin/requests/find",
        "/__admin/settings",
        "/__admin/scenarios/reset",
        "/__admin/files/x",
        "/__admin/health",
        "/__admin/shutdown",
        "/x/../__admin/mappings"
      })
  void administrationOfTheServer_isRefusedToEverybody(String path) {
    for (String method : List.of("GET", "POST", "PUT", "DELETE")) {
      for (String token : List.of("", bearer())) {
        assertThat(status(raw(method, path, token))).as(method).isEqualTo(401);
      }
    }
    assertThat(admin.call("ListSecretManagerVaults", Map.of()).status()).isEqualTo(200);
  }

  /** WireMock would serve what a project keeps for tests of its own. */
  @Test
  void filesForStubs_areNotServed() {
    assertThat(Path.of("src/test/resources/emulator/clients.mjs")).isRegularFile();

    for (String path :
        List.of("/__files/x", "/__files/../emulator/clients.mjs", "/emulator/clients.mjs", "/x")) {
      assertThat(status(raw("GET", path, ""))).as(path).isIn(401, 404);
    }
  }

  /** As RFC 9113 begins: the client's preface and settings, then the server's settings. */
  @Test
  void http2_withPriorKnowledge_isSpokenOnTheSamePort() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", emulator.endpoint().getPort())) {
      socket
          .getOutputStream()
          .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      byte[] frame = socket.getInputStream().readNBytes(9);

      assertThat(frame).hasSize(9);
      assertThat(frame[3]).as("the type of the frame").isEqualTo((byte) 4);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example",
        "Host: 127.0.0.1.evil.example",
        "Host: 10.0.0.1",
        "Host: [::2]",
        "Host: localhost\r\nX-Forwarded-For: 10.0.0.1",
        "Host: localhost\r\nX-Forwarded-Host: evil.example",
        "Host: localhost\r\nForwarded: for=10.0.0.1",
        "Host: localhost\r\nOrigin: https://evil.example",
      })
  void requestFromElsewhere_isRefused_whateverItsToken(String headers) {
    String request = "POST " + LIST + " HTTP/1.1\r\n" + headers + "\r\n" + bearer()
        + "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    assertThat(status(exchange(request))).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "LocalHost:1", "[::1]:80"})
  void loopbackByName_isServed(String host) {
    String body = "{\"workspaceId\":\"" + emulator.workspaceId() + "\"}";
    String request = "POST " + LIST + " HTTP/1.1\r\nHost: " + host + "\r\n" + bearer()
        + "Content-Type: application/json\r\nContent-Length: " + body.length()
        + "\r\nConnection: close\r\n\r\n" + body;

    assertThat(status(exchange(request))).isEqualTo(200);
  }

  @Test
  void noAnswer_allowsAWebPage() {
    String preflight = exchange("OPTIONS " + LIST
        + " HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
        + "Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");

    assertThat(status(preflight)).isEqualTo(403);
    assertThat(preflight.toLowerCase(Locale.ROOT)).doesNotContain("access-control");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/connect+json",
        "application/json; charset=utf-16",
        "application/grpc"
      })
  void otherContent_isRefused(String type) {
    Connect.Reply reply = Connect.send(admin
        .request(LIST, "{}".getBytes(UTF_8))
        .setHeader("Content-Type", type)
        .build());

    assertThat(reply.status()).isEqualTo(415);
    assertThat(reply.response().headers().firstValue("Accept-Post")).isPresent();
  }

  @Test
  void otherHttpMethods_areRefused() {
    for (String method : List.of("GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE")) {
      assertThat(status(raw(method, LIST, bearer()))).as(method).isEqualTo(405);
    }
  }

  @Test
  void otherProtocolVersion_isRefused() {
    Connect.Reply reply = Connect.send(admin
        .request(LIST, "{}".getBytes(UTF_8))
        .setHeader("Connect-Protocol-Version", "2")
        .build());

    assertThat(reply.code()).isEqualTo("invalid_argument");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{} {}",
        "{\"workspaceId\":1}",
        "{\"pageSize\":-1}",
        "{\"pageSize\":4294967296}",
        "{\"pageSize\":\"many\"}",
        "{\"pageDirection\":\"SIDEWAYS\"}",
        "{\"workspaceId\":\"a\",\"workspaceId\":\"b\"}",
        "{\"workspaceId\":\"a\",\"workspace_id\":\"b\"}",
        "{\"x\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
        "{\"secret\":s3cr3t}",
      })
  void brokenJson_isRefused_andNotRepeated(String body) {
    Connect.Reply reply = Connect.send(admin.request(LIST, body.getBytes(UTF_8)).build());

    assertThat(reply.code()).isEqualTo("invalid_argument");
    assertThat(reply.at("/message").asText()).doesNotContain("s3cr3t");
  }

  @Test
  void fieldName_isBounded() {
    String body = "{\"workspaceId\":\"" + emulator.workspaceId() + "\",\"%s\":1}";

    byte[] fits = body.formatted("x".repeat(256)).getBytes(UTF_8);
    byte[] tooLong = body.formatted("x".repeat(257)).getBytes(UTF_8);

    assertThat(Connect.send(admin.request(LIST, fits).build()).status()).isEqualTo(200);
    assertThat(Connect.send(admin.request(LIST, tooLong).build()).code())
        .isEqualTo("invalid_argument");
  }

  @Test
  void unknownFields_andNulls_areIgnored() {
    String body = "{\"workspace_id\":\"" + emulator.workspaceId()
        + "\",\"unknown\":{\"deep\":[1,2]},\"pageToken\":null,\"pageSize\":\"3\"}";

    Connect.Reply reply = Connect.send(admin.request(LIST, body.getBytes(UTF_8)).build());

    assertThat(Connect.expectOk(reply).body().path("vaults")).hasSize(3);
  }

  @Test
  void binaryMessages_areUnderstood_andErrorsAreJson() throws InvalidProtocolBufferException {
    Rpc rpc = Rpc.named("ListSecretManagerVaults");
    DynamicMessage request = DynamicMessage.newBuilder(rpc.request())
        .setField(Fields.field(rpc.request(), "workspace_id"), emulator.workspaceId())
        .setField(Fields.field(rpc.request(), "page_size"), 2)
        .build();

    Connect.Reply good = Connect.send(proto(rpc, request.toByteArray()));
    Connect.Reply bad = Connect.send(proto(rpc, new byte[] {(byte) 0xff}));

    DynamicMessage answer =
        DynamicMessage.parseFrom(rpc.response(), good.response().body());
    assertThat(Fields.messages(answer, "vaults")).hasSize(2);
    assertThat(good.response().headers().firstValue("Content-Type")).hasValue("application/proto");
    assertThat(bad.code()).isEqualTo("invalid_argument");
    assertThat(bad.status()).isEqualTo(400);
  }

  private static HttpRequest proto(Rpc rpc, byte[] body) {
    return admin
        .request(rpc.path(), body)
        .setHeader("Content-Type", "application/proto")
        .build();
  }

  @Test
  void gzip_isTakenAndGiven() throws IOException {
    byte[] body = gzip(("{\"workspaceId\":\"" + emulator.workspaceId() + "\"}").getBytes(UTF_8));

    Connect.Reply reply = Connect.send(admin
        .request(LIST, body)
        .header("Content-Encoding", "gzip")
        .header("Accept-Encoding", "gzip,br")
        .build());

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.response().headers().firstValue("Content-Encoding")).hasValue("gzip");
    byte[] inflated =
        new GZIPInputStream(new ByteArrayInputStream(reply.response().body())).readAllBytes();
    assertThat(Connect.MAPPER.readTree(inflated).path("vaults")).hasSize(30);
  }

  @Test
  void otherCompression_isRefused() {
    Connect.Reply reply = Connect.send(admin
        .request(LIST, "{}".getBytes(UTF_8))
        .header("Content-Encoding", "br")
        .build());

    assertThat(reply.code()).isEqualTo("unimplemented");
  }

  @Test
  void body_isLimited_inflatedOrNot() throws IOException {
    byte[] prefix = ("{\"workspaceId\":\"" + emulator.workspaceId() + "\"").getBytes(UTF_8);
    byte[] fits = padded(prefix, EmulatorExtension.MAX_BODY_BYTES);
    byte[] oneMore = padded(prefix, EmulatorExtension.MAX_BODY_BYTES + 1);

    assertThat(Connect.send(admin.request(LIST, fits).build()).status()).isEqualTo(200);
    assertThat(Connect.send(admin
                .request(LIST, gzip(fits))
                .header("Content-Encoding", "gzip")
                .build())
            .status())
        .isEqualTo(200);
    Connect.Reply bomb = Connect.send(
        admin.request(LIST, gzip(oneMore)).header("Content-Encoding", "gzip").build());
    assertThat(bomb.status()).isEqualTo(413);
    assertThat(bomb.code()).isEqualTo("invalid_argument");
    Connect.Reply chunked = Connect.send(admin
        .request(LIST, new byte[0])
        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(oneMore)))
        .build());
    assertThat(chunked.status()).isEqualTo(413);
    assertThat(chunked.code()).isEqualTo("invalid_argument");
  }

  /** WireMock answers some requests itself, before its extension is asked. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
        "Content-Type: multipart/form-data\r\n",
        "Content-Type: application/json; charset=no-such-charset\r\n"
      })
  void brokenBody_isNotQuoted(String headers) throws IOException {
    String canary = "made-up-canary-%zz=%";
    String answer;
    try (Socket socket = new Socket("127.0.0.1", emulator.endpoint().getPort())) {
      socket
          .getOutputStream()
          .write(("POST " + LIST + " HTTP/1.1\r\nHost: localhost\r\n" + bearer() + headers
                  + "Connection: close\r\nContent-Length: " + canary.length() + "\r\n\r\n"
                  + canary)
              .getBytes(ISO_8859_1));
      answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    assertThat(answer).startsWith("HTTP/1.1 ").doesNotContain("made-up-canary");
    assertThat(answer).doesNotContain(emulator.adminToken());
  }

  @Test
  void journal_hasWhatHappened_andNothingOfWhatWasSent() {
    try (SecretManagerEmulator other = SecretManagerEmulator.start()) {
      Connect client = Connect.to(other);
      client.createVault("default");
      client.createSecret("default", "api-key", "a made-up value");
      Connect.to(other, "wrong-token-wrong-token").call("ListSecretManagerVaults", Map.of());
      Connect.send(client.request("/wrong-token-wrong-token", new byte[0]).build());

      assertThat(other.requests())
          .extracting(
              RequestRecord::method,
              RequestRecord::role,
              RequestRecord::outcome,
              RequestRecord::httpStatus)
          .extracting(tuple -> tuple.toList().toString())
          .containsExactly(
              "[Optional[CreateSecretManagerVault], Optional[ADMIN], ok, 200]",
              "[Optional[CreateSecretManagerSecret], Optional[ADMIN], ok, 200]",
              "[Optional[ListSecretManagerVaults], Optional.empty, unauthenticated, 401]",
              "[Optional.empty, Optional[ADMIN], unimplemented, 501]");
      assertThat(other.requests().toString()).doesNotContain("made-up", "wrong-token");
      other.clearRequests();
      assertThat(other.requests()).isEmpty();
    }
  }

  private static String bearer() {
    return "Authorization: Bearer " + emulator.adminToken() + "\r\n";
  }

  private static String raw(String method, String path, String headers) {
    return exchange(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers
        + "Content-Length: 0\r\nConnection: close\r\n\r\n");
  }

  private static String exchange(String request) {
    return Raw.exchange(emulator, request.getBytes(ISO_8859_1));
  }

  private static int status(String response) {
    return Raw.status(response);
  }

  private static byte[] padded(byte[] prefix, int size) {
    byte[] padded = new byte[size];
    Arrays.fill(padded, (byte) ' ');
    System.arraycopy(prefix, 0, padded, 0, prefix.length);
    padded[size - 1] = '}';
    return padded;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    }
    return compressed.toByteArray();
  }
}
