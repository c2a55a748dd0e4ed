/** Metrics of a secret manager's cache and loads, for Micrometer. */
@NullMarked
package tech.tailor.secretmanager.micrometer;

import org.jspecify.annotations.NullMarked;
