/**
 * Reading secrets: {@link tech.tailor.secretmanager.client.SecretManagers} puts a manager with a
 * cache that wipes what it drops in front of any backend.
 *
 * <p>Backends, each in the artifact of its name:
 *
 * <ul>
 *   <li>{@code secretmanager-client}:
 *       {@link tech.tailor.secretmanager.client.memory.InMemorySecretStore}, secrets in memory;
 *   <li>{@code secretmanager-file}: {@code FileSecretStore}, secrets in one encrypted file;
 *   <li>{@code secretmanager-http}: {@code HttpSecretStore}, secrets at Tailor Platform, or at a
 *       server that speaks its protocol;
 *   <li>of your own: a {@link tech.tailor.secretmanager.spi.SecretBackend}.
 * </ul>
 */
@NullMarked
package tech.tailor.secretmanager.client;

import org.jspecify.annotations.NullMarked;
