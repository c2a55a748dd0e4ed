package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedMessageTest {

  private static final String GOOD =
      "01 00000002 00000003616161 0000000178 00000003626262 00000000";

  @Test
  void message_isRead() throws Exception {
    Map<String, byte[]> values = SealedMessage.read(bytes(GOOD), Set.of("aaa", "bbb", "ccc"));

    assertThat(values).containsOnlyKeys("aaa", "bbb");
    assertThat(values.get("aaa")).isEqualTo("x".getBytes(UTF_8));
    assertThat(values.get("bbb")).isEmpty();
    assertThat(SealedMessage.read(bytes("01 00000000"), Set.of("aaa"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "02 00000000",
        "01 00000000 00",
        "01 ffffffff",
        "01 00000004",
        "01 00000001 00000003616161",
        "01 00000001 00000003646464 00000000", // not asked for
        "01 00000002 00000003616161 00000000 00000003616161 00000000",
        "01 00000002 00000003626262 00000000 00000003616161 00000000",
        "01 00000001 00000003616161 ffffffff",
        "01 00000001 00000003616161 00010001",
        "01 00000001 7fffffff616161 00000000"
      })
  void anythingElse_isMalformed(String hex) {
    assertThatThrownBy(() -> SealedMessage.read(bytes(hex), Set.of("aaa", "bbb", "ccc")))
        .isInstanceOf(MalformedAnswerException.class);
  }

  @Test
  void everyTruncation_isMalformed() {
    byte[] good = bytes(GOOD);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> SealedMessage.read(cut, Set.of("aaa", "bbb")))
          .isInstanceOf(MalformedAnswerException.class);
    }
  }

  @Test
  void info_isLaidOutByteByByte() {
    byte[] nonce = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    SealedRequest request = new SealedRequest(
        "w-1", "default", List.of("bbb", "aaa"), nonce, ReadKeys.Pairs.generate());

    String expected =
        HexFormat.of().formatHex("tailor.secretmanager/sealed-read/1\0".getBytes(UTF_8))
            + "01" + "00000003" + "772d31"
            + "02" + "00000007" + "64656661756c74"
            + "03" + "00000003" + "626262"
            + "03" + "00000003" + "616161"
            + "04" + "00000010" + "000102030405060708090a0b0c0d0e0f";
    assertThat(HexFormat.of().formatHex(request.info())).isEqualTo(expected);
    assertThat(Sealer.info("w-1", "default", List.of("bbb", "aaa"), nonce))
        .isEqualTo(request.info());
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
