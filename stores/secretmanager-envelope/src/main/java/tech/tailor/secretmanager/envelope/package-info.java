/**
 * What encrypted stores share: the master key that an application hands over, the data keys under
 * it, anchors that notice a store that was rolled back, and boxes that are sealed to a public key.
 *
 * <p>Applications use {@link tech.tailor.secretmanager.envelope.MasterKey} and
 * {@link tech.tailor.secretmanager.envelope.FileAnchor}; the other types are for those who write a
 * store. Cryptography is Google Tink's, through its primitives alone: neither protobuf nor Gson is
 * needed or loaded.
 */
@NullMarked
package tech.tailor.secretmanager.envelope;

import org.jspecify.annotations.NullMarked;
