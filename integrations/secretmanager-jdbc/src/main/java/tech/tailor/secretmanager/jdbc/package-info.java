/**
 * Database logins from secrets: a {@link tech.tailor.secretmanager.jdbc.SecretDataSource} logs in
 * with the current user and password, below whatever connection pool an application has.
 */
@NullMarked
package tech.tailor.secretmanager.jdbc;

import org.jspecify.annotations.NullMarked;
