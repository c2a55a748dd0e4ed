/**
 * Reading secrets: {@link tech.tailor.secretmanager.client.SecretManagers} puts a manager with a
 * cache that wipes what it drops in front of any backend.
 */
@NullMarked
package tech.tailor.secretmanager.client;

import org.jspecify.annotations.NullMarked;
