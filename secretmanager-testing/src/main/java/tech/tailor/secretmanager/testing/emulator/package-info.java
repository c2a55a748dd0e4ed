/**
 * An emulator of Tailor Platform's Secret Manager, for tests and for development without the
 * platform: {@link tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator}. It needs
 * {@code org.wiremock:wiremock-standalone}, which users bring, and protobuf, which comes with the
 * client; the rest of the test kit works without them.
 */
@NullMarked
package tech.tailor.secretmanager.testing.emulator;

import org.jspecify.annotations.NullMarked;
