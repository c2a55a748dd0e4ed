/**
 * Secrets at Tailor Platform, or at another server that speaks its protocol. Values are read sealed
 * to a key of this process.
 */
@NullMarked
package tech.tailor.secretmanager.http;

import org.jspecify.annotations.NullMarked;
