/**
 * Request headers that contain secrets, and the rule for where they may go. For those who adapt an
 * HTTP client; applications use {@code SecretHeaders} of {@code secretmanager-http} with OkHttp,
 * and {@code SecretHeadersRequestFactory} of the Spring Boot starter with {@code RestClient}.
 */
@NullMarked
package tech.tailor.secretmanager.client.headers;

import org.jspecify.annotations.NullMarked;
