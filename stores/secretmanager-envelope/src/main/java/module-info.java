/** Envelope encryption for stores: master keys, data keys, anchors, sealed boxes. */
module tech.tailor.secretmanager.envelope {
  requires transitive tech.tailor.secretmanager;
  requires transitive com.google.crypto.tink; // its Aead, for a key in a KMS
  requires static org.jspecify;

  exports tech.tailor.secretmanager.envelope;
}
