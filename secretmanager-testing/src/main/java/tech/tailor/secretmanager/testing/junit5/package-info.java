/**
 * A JUnit 5 extension that hands a fake, or an emulator, to a test method, with the secrets of
 * {@link tech.tailor.secretmanager.testing.junit5.WithSecret}, and fails a test that lets them out,
 * by {@link tech.tailor.secretmanager.testing.junit5.FailOnLeak}. Runs on JUnit 5.9 and later,
 * JUnit 6 included.
 */
@NullMarked
package tech.tailor.secretmanager.testing.junit5;

import org.jspecify.annotations.NullMarked;
