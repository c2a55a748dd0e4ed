/**
 * What the author of a backend implements: {@link tech.tailor.secretmanager.spi.SecretBackend}
 * answers reads, and {@link tech.tailor.secretmanager.spi.SecretStoreProvider} opens a store for an
 * address in the environment. A backend that can also be managed implements
 * {@link tech.tailor.secretmanager.store.SecretStore}, which operators call.
 */
@NullMarked
package tech.tailor.secretmanager.spi;

import org.jspecify.annotations.NullMarked;
