/**
 * AssertJ assertions that never show a value: begin with
 * {@link tech.tailor.secretmanager.testing.assertj.SecretAssertions}.
 */
@NullMarked
package tech.tailor.secretmanager.testing.assertj;

import org.jspecify.annotations.NullMarked;
