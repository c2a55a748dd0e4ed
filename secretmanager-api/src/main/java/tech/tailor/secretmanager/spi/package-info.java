/**
 * What a backend implements: {@link tech.tailor.secretmanager.spi.SecretBackend} to be read from,
 * {@link tech.tailor.secretmanager.spi.SecretStore} to be managed as well,
 * {@link tech.tailor.secretmanager.spi.VersionedSecretStore} to keep earlier versions.
 */
@NullMarked
package tech.tailor.secretmanager.spi;

import org.jspecify.annotations.NullMarked;
