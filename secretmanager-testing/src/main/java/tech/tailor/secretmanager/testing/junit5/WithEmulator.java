package tech.tailor.secretmanager.testing.junit5;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Has a parameter of type {@link tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator
 * SecretManagerEmulator} filled with one that runs, and holds the secrets that {@link WithSecret}
 * and {@link WithSecrets} say.
 *
 * <pre>{@code
 * @WithEmulator
 * @WithSecret(vault = "default", name = "greeting", value = "hello")
 * class PlatformGreeterTest {
 *   @Test
 *   void survivesRateLimits(SecretManagerEmulator emulator) {
 *     emulator.faults().next("GetSecrets", 1, Fault.rateLimited(Duration.ofSeconds(1)));
 *     // a client of emulator.endpoint(), emulator.workspaceId(), emulator.adminToken()
 *     emulator.requests(); // what it asked for
 *   }
 * }
 * }</pre>
 *
 * <p>On a class, one emulator serves its tests, with one endpoint and one admin token, those of
 * {@code @Nested} classes included, and is
 * {@linkplain tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator#reset() reset} after
 * each; it stops after the last. Where tests run in parallel, each has one to itself. A constructor
 * or a {@code @BeforeAll} method may take it too, without secrets; where the tests of the class run
 * in parallel, theirs may be another one then. On a method of a class that carries neither this nor
 * another annotation of this package nor the extension, that test has one to itself, which stops
 * after it.
 *
 * <p>What {@code @BeforeAll} puts into the emulator is there for the first test alone, since it is
 * reset after each: put into it in {@code @BeforeEach} what all tests need. A test that wants to
 * see refused connections may close it; the next test has another one then.
 *
 * <p>It starts when somebody asks for it. It needs {@code org.wiremock:wiremock-standalone} on the
 * class path; without, the test fails and says so.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(SecretManagerExtension.class)
public @interface WithEmulator {}
