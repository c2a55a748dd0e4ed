/** Envelope encryption for stores: master keys, data keys, anchors, sealed boxes. */
@SuppressWarnings("module") // the modules that it exports to are compiled after it
module tech.tailor.secretmanager.envelope {
  requires transitive tech.tailor.secretmanager;
  requires transitive com.google.crypto.tink; // its Aead, for a key in a KMS
  requires static org.jspecify;

  exports tech.tailor.secretmanager.envelope;
  exports tech.tailor.secretmanager.envelope.shared to
      tech.tailor.secretmanager.postgresql,
      tech.tailor.secretmanager.etcd;
}
