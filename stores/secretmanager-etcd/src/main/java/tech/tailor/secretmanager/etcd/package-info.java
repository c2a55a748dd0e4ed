/**
 * Secrets in etcd, for several machines: {@link tech.tailor.secretmanager.etcd.EtcdSecretStore}.
 */
@NullMarked
package tech.tailor.secretmanager.etcd;

import org.jspecify.annotations.NullMarked;
