/**
 * Reading, holding and declaring secrets.
 *
 * <p>An application reads through {@link tech.tailor.secretmanager.SecretManager}, holds what it
 * reads as a {@link tech.tailor.secretmanager.SecretValue}, and declares what it needs as a
 * {@link tech.tailor.secretmanager.SecretDefinition}. Every failure is a
 * {@link tech.tailor.secretmanager.SecretManagerException}; a programmer's error is a
 * {@link NullPointerException}, an {@link IllegalArgumentException} or an
 * {@link IllegalStateException}.
 */
@NullMarked
package tech.tailor.secretmanager;

import org.jspecify.annotations.NullMarked;
