/**
 * What a backend promises, as tests to be inherited:
 * {@link tech.tailor.secretmanager.testing.contract.SecretBackendContract} for reading,
 * {@link tech.tailor.secretmanager.testing.contract.SecretStoreContract} for reading and
 * management. They need JUnit Jupiter 5.9 or later and AssertJ on the class path.
 */
@NullMarked
package tech.tailor.secretmanager.testing.contract;

import org.jspecify.annotations.NullMarked;
