package tech.tailor.secretmanager.http;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;

/** OkHttp as it comes, for controls: what a harness must catch. */
final class CarelessTransport implements Transport {

  private final OkHttpClient client =
      new OkHttpClient.Builder().callTimeout(2, TimeUnit.SECONDS).build();

  @Override
  public Reply send(Request request, Deadline deadline) throws NoReplyException {
    okhttp3.Request.Builder builder = new okhttp3.Request.Builder()
        .url(request.url())
        .header("X-Tailor-Token", String.valueOf(request.token()))
        .post(RequestBody.create(request.body(), MediaType.get(request.contentType())));
    try (Response response = client.newCall(builder.build()).execute()) {
      return new Reply(
          response.code(), "application/json", null, response.body().bytes());
    } catch (IOException e) {
      throw new NoReplyException(NoReplyException.Reason.UNREACHABLE, true, "careless");
    }
  }

  @Override
  public void close() {
    client.connectionPool().evictAll();
  }
}
