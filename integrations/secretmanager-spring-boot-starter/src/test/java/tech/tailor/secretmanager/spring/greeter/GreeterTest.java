package tech.tailor.secretmanager.spring.greeter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.stereotype.Component;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.testing.junit5.FailOnLeak;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/** The samples of {@code docs/testing.md} for Spring Boot, in a package for their application. */
@SpringBootTest
@FailOnLeak
@WithSecret(vault = "default", name = "greeting", value = "hello")
class GreeterTest {
  @Test
  void greets(@Autowired Greeter greeter) {
    assertEquals("hello, world", greeter.greet("world"));
  }
}

@SpringBootTest
class FakeAndBeanTest {
  @Test
  @WithSecret(vault = "default", name = "greeting", value = "hello")
  void areTwoManagers(SecretManager fake, @Autowired SecretManager bean) {
    assertNotSame(fake, bean);
  }
}

@SpringBootApplication
class GreeterApplication {}

@Component
class Greeter {

  private final SecretManager secrets;

  Greeter(SecretManager secrets) {
    this.secrets = secrets;
  }

  String greet(String name) {
    return secrets.withSecret(
        "default", "greeting", greeting -> greeting.revealString() + ", " + name);
  }
}
