/**
 * What operators and deployments call to manage secrets:
 * {@link tech.tailor.secretmanager.store.SecretStore} creates, updates, lists and deletes them, and
 * {@link tech.tailor.secretmanager.store.VersionedSecretStore} also keeps earlier versions.
 */
@NullMarked
package tech.tailor.secretmanager.store;

import org.jspecify.annotations.NullMarked;
