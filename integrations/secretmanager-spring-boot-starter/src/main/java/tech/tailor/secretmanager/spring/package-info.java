/**
 * Secrets in Spring Boot applications: {@code ${secret@vault/name}} in any property, and the
 * {@link tech.tailor.secretmanager.SecretManager} as a bean. Everything is configured by properties
 * that begin with {@code secretmanager.}. What applications call is
 * {@link tech.tailor.secretmanager.spring.SecretHeadersRequestFactory} alone, for headers of
 * {@code RestClient}.
 */
@NullMarked
package tech.tailor.secretmanager.spring;

import org.jspecify.annotations.NullMarked;
