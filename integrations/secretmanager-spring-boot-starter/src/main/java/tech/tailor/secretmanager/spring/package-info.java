/**
 * Secrets in Spring Boot applications: {@code ${secret@vault/name}} in any property, and the
 * {@link tech.tailor.secretmanager.SecretManager} as a bean. Everything is configured by properties
 * that begin with {@code secretmanager.}; applications call nothing in here.
 */
@NullMarked
package tech.tailor.secretmanager.spring;

import org.jspecify.annotations.NullMarked;
