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
 * {@link WithSecrets} or {@code put}, is sought, from before its {@code @BeforeEach} methods until
 * after its {@code @AfterEach} methods, in
 *
 * <ul>
 *   <li>what is written to {@code System.out} and {@code System.err};
 *   <li>what is logged by {@code java.util.logging}, and so by {@code System.Logger} where nothing
 *       else takes its place: every record that gets to the root logger, whatever handlers do;
 *   <li>the exception that ends the test, a dynamic test of its, or one of those methods: its
 *       messages, those of its causes and of what it suppresses, and the values that an assertion
 *       compared. It is withheld then, since a report would show it; an error with its stack trace
 *       takes its place;
 *   <li>values and bundles that the test read from the fake, and that nobody has closed.
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
 * begins, and a secret that only an emulator holds.
 *
 * <p><b>In parallel tests</b>, the standard streams and the loggers are everybody's. What a thread
 * lets out is counted against the test that it runs, or during which it was started, if that test
 * is still running; what any other thread does, such as one of a pool, against every test that is
 * running and has a secret of that value. A pool whose thread was started by a test that is still
 * running counts as that test's: what it lets out of another's secrets, nobody is told. So start
 * what tests share before them, in {@code @BeforeAll} at the latest. And tests in parallel want
 * secrets of their own values. The streams are put back when no such test is running.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(SecretManagerExtension.class)
public @interface FailOnLeak {}
