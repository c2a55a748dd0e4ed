/**
 * The embedded store: secrets in one encrypted file on disk,
 * {@link tech.tailor.secretmanager.client.file.FileSecretStore}, and the key that opens it,
 * {@link tech.tailor.secretmanager.client.file.MasterKey}. The format is described byte by byte in
 * {@code docs/file-format.md}.
 */
@NullMarked
package tech.tailor.secretmanager.client.file;

import org.jspecify.annotations.NullMarked;
