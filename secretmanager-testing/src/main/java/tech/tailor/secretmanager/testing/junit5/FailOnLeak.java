package tech.tailor.secretmanager.testing.junit5;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails a test that lets a secret out: each that its fake was ever given, by {@link WithSecret},
 * {@link WithSecrets} or {@code put}, or that a fake was given that the test made itself and
 * {@linkplain SecretManagerExtension#register registered}, is sought, from before its
 * {@code @BeforeEach} methods until after its {@code @AfterEach} methods, in
 *
 * <ul>
 *   <li>what is written to {@code System.out} and {@code System.err};
 *   <li>what is logged by {@code java.util.logging}, and so by {@code System.Logger} where nothing
 *       else takes its place: every record that gets to the root logger, whatever handlers do;
 *   <li>the exception that ends the test, a dynamic test of its, or one of those methods: its
 *       messages, those of its causes and of what it suppresses, and the values that an assertion
 *       compared. It is withheld then, since a report would show it; an error with its stack trace
 *       takes its place;
 *   <li>values and bundles that were read from these fakes, and that nobody has closed.
 * </ul>
 *
 * <p>The failure says which secret, and where; never its value. Forms and limits are those of
 * {@link tech.tailor.secretmanager.testing.FakeSecretManager#exposedIn}: Base64, hexadecimal,
 * percent-encoding and the like are seen through; a value of less than 8 characters is not sought.
 * A value should occur nowhere else: {@code password} would be found in every prompt for one.
 *
 * <p><b>What it doesn't see:</b> a logging framework is seen through the standard streams, as
 * Logback's console appender is, and slf4j-simple, and Log4j's with {@code follow="true"}; an
 * appender that writes to a file, or kept the stream of before the test, is not. Nor is what a test
 * captures by a stream that it sets itself, an exception that it catches, a log record below the
 * level that is configured or of a logger without parent handlers, what is logged after a test took
 * the handlers of the root logger away, as {@code LogManager.reset()} does, until the next test
 * begins, a secret that only an emulator holds, and one of a fake that the test made itself and did
 * not register.
 *
 * <p><b>In parallel tests</b>, all share the standard streams and the loggers. What the thread lets
 * out that runs a test counts against that test. What any other thread lets out, one that a test
 * started included, counts against every running test that has a secret of that value: the thread
 * may be one of a pool that works for all of them. So give parallel tests secrets of different
 * values. The streams are put back when no such test is running.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(SecretManagerExtension.class)
public @interface FailOnLeak {}
