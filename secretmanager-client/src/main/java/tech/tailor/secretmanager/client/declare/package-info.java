/**
 * What is done with declared secrets: {@link tech.tailor.secretmanager.client.declare.SecretPlan}
 * brings a store to what is declared,
 * {@link tech.tailor.secretmanager.client.declare.VerificationReport} tells whether an application
 * can use them, and {@link tech.tailor.secretmanager.client.declare.DeclarationExports} writes them
 * for other tools.
 */
@NullMarked
package tech.tailor.secretmanager.client.declare;

import org.jspecify.annotations.NullMarked;
