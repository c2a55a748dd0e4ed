/** Best-effort masking of secrets in the logs of Logback, Log4j2 and java.util.logging. */
@NullMarked
package tech.tailor.secretmanager.logging;

import org.jspecify.annotations.NullMarked;
