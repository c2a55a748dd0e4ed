package tech.tailor.secretmanager.integration.memory;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** The control: reads values that come in clear with OkHttp and Jackson, as one does everywhere. */
final class CarelessBackend implements SecretBackend {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String url;
  private final OkHttpClient client;

  /** @param trusted null over HTTP */
  CarelessBackend(String url, @Nullable KeyStore trusted) throws IOException {
    this.url = url;
    OkHttpClient.Builder builder = new OkHttpClient.Builder();
    if (trusted != null) {
      trust(builder, trusted);
    }
    this.client = builder.build();
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    Request request = new Request.Builder().url(url).build();
    try (Response response = client.newCall(request).execute()) {
      String value = JSON.readTree(response.body().string()).get("value").asText();
      Map<String, SecretOutcome> outcomes = new HashMap<>();
      names.forEach(name -> outcomes.put(name, new SecretOutcome.Found(SecretValue.of(value))));
      return outcomes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  private static void trust(OkHttpClient.Builder builder, KeyStore trusted) throws IOException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      builder.sslSocketFactory(
          context.getSocketFactory(), (X509TrustManager) factory.getTrustManagers()[0]);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
