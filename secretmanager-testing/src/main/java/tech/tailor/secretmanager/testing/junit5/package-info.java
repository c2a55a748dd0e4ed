/**
 * A JUnit 5 extension that hands a fake with the secrets of
 * {@link tech.tailor.secretmanager.testing.junit5.WithSecret} to a test method. Runs on JUnit 5.9
 * and later, JUnit 6 included.
 */
@NullMarked
package tech.tailor.secretmanager.testing.junit5;

import org.jspecify.annotations.NullMarked;
