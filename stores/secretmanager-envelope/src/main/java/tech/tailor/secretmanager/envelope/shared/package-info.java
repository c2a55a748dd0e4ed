/**
 * What the stores on a server share that several machines use: one rule and one message each. No
 * part of the public API: the module exports it to these stores alone.
 */
@NullMarked
package tech.tailor.secretmanager.envelope.shared;

import org.jspecify.annotations.NullMarked;
