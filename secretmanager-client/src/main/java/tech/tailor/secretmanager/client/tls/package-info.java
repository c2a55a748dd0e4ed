/**
 * TLS keys and certificates from secrets, which follow a rotation. It needs nothing but the JDK.
 */
@NullMarked
package tech.tailor.secretmanager.client.tls;

import org.jspecify.annotations.NullMarked;
