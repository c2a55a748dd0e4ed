/** Secrets in the memory of the process. */
@NullMarked
package tech.tailor.secretmanager.client.memory;

import org.jspecify.annotations.NullMarked;
