/**
 * Secrets in PostgreSQL, for several machines:
 * {@link tech.tailor.secretmanager.postgresql.PostgresSecretStore}, and its tables,
 * {@link tech.tailor.secretmanager.postgresql.PostgresSchema}.
 */
@NullMarked
package tech.tailor.secretmanager.postgresql;

import org.jspecify.annotations.NullMarked;
