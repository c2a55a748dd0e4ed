/**
 * Testing code that reads secrets: {@link tech.tailor.secretmanager.testing.FakeSecretManager} is
 * the real client over a store in memory, with a backend that fails on demand and a time that moves
 * on demand. Nothing in this package needs a test framework.
 */
@NullMarked
package tech.tailor.secretmanager.testing;

import org.jspecify.annotations.NullMarked;
