package tech.tailor.secretmanager.integration.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTemplate;

/**
 * References in configuration whose framework has placeholders of its own. None of them takes
 * <code>&#36;{secret@vault/name}</code> for something else: it passes unchanged, or is an error.
 * <code>&#36;{secret:vault/name}</code> silently becomes the text after the colon, which is why
 * there is the first.
 */
class OtherPlaceholdersTest {

  private static final String PROPERTY = "app.password";
  private static final String REFERENCE = "${secret@default/db-password}";
  private static final String OLDER = "${secret:default/db-password}";
  private static final SecretRef REF = SecretRef.of("default", "db-password");

  @Test
  void spring_passesTheReferenceOn_whereItLeavesWhatItDoesNotKnow() {
    StandardEnvironment spring = spring(REFERENCE);

    assertReference(spring.resolvePlaceholders("${" + PROPERTY + "}"));
    assertReference(spring.resolvePlaceholders(REFERENCE));
    assertThat(SecretTemplate.in(spring.resolvePlaceholders("jdbc:" + REFERENCE + ";${absent:x}"))
            .refs())
        .containsExactly(REF);
    spring.setIgnoreUnresolvableNestedPlaceholders(true);
    assertReference(spring.getProperty(PROPERTY));
  }

  @Test
  void spring_refusesTheReference_whereItWantsToKnowAll() {
    StandardEnvironment spring = spring(REFERENCE);

    assertThatThrownBy(() -> spring.getProperty(PROPERTY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("secret@default/db-password");
    assertThatThrownBy(() -> spring.resolveRequiredPlaceholders(REFERENCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("secret@default/db-password");
  }

  @Test
  void spring_makesATextOfTheOlderSpelling() {
    StandardEnvironment spring = spring(OLDER);

    assertThat(spring.getProperty(PROPERTY)).isEqualTo("default/db-password");
    assertThat(spring.resolvePlaceholders(OLDER)).isEqualTo("default/db-password");
    assertThat(spring.resolveRequiredPlaceholders(OLDER)).isEqualTo("default/db-password");
  }

  @Test
  void smallRye_passesTheReferenceOn_whereItDoesNotExpand() {
    assertReference(smallRye(REFERENCE).getConfigValue(PROPERTY).getRawValue());
    assertReference(smallRye("\\" + REFERENCE).getValue(PROPERTY, String.class));
    assertReference(smallRye("$" + REFERENCE).getValue(PROPERTY, String.class));
  }

  @Test
  void smallRye_refusesTheReference_whereItExpands() {
    assertThatThrownBy(() -> smallRye(REFERENCE).getValue(PROPERTY, String.class))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("secret@default/db-password");
  }

  @Test
  void smallRye_makesATextOfTheOlderSpelling() {
    assertThat(smallRye(OLDER).getValue(PROPERTY, String.class)).isEqualTo("default/db-password");
  }

  private static void assertReference(String text) {
    assertThat(text).isEqualTo(REFERENCE);
    assertThat(SecretTemplate.whole(text)).contains(REF);
  }

  private static StandardEnvironment spring(String value) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("test", Map.of(PROPERTY, value)));
    return environment;
  }

  private static SmallRyeConfig smallRye(String value) {
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .withSources(new PropertiesConfigSource(Map.of(PROPERTY, value), "test", 500))
        .build();
  }
}
