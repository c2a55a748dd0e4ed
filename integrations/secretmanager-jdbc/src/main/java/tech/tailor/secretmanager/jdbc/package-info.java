/**
 * Database logins from secrets: a {@link tech.tailor.secretmanager.jdbc.SecretDataSource} logs in
 * with the current user and password, below the application's connection pool.
 */
@NullMarked
package tech.tailor.secretmanager.jdbc;

import org.jspecify.annotations.NullMarked;
