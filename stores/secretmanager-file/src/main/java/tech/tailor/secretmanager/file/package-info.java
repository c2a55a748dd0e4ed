/**
 * The embedded store: secrets in one encrypted file on disk,
 * {@link tech.tailor.secretmanager.file.FileSecretStore}, and the key that opens it,
 * {@link tech.tailor.secretmanager.envelope.MasterKey}. The format is described byte by byte in
 * {@code docs/file-format.md}.
 */
@NullMarked
package tech.tailor.secretmanager.file;

import org.jspecify.annotations.NullMarked;
