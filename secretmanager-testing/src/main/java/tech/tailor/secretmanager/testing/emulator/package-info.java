/**
 * An emulator of Tailor Platform's Secret Manager, for tests and for development without the
 * platform: {@link tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator}. It needs
 * {@code org.wiremock:wiremock-standalone} and {@code com.google.protobuf:protobuf-java}, which
 * users bring; the rest of the test kit works without them.
 */
@NullMarked
package tech.tailor.secretmanager.testing.emulator;

import org.jspecify.annotations.NullMarked;
