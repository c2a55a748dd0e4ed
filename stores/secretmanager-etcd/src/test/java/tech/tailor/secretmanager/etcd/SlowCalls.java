package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.Client;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.time.Duration;

/** An etcd that is far away: each call of a client takes some time. */
final class SlowCalls implements ClientInterceptor {

  private final Duration delay;

  private SlowCalls(Duration delay) {
    this.delay = delay;
  }

  /** A client of the shared etcd, which the caller closes. */
  static Client client(Duration delay) {
    return Client.builder()
        .endpoints(SharedEtcd.server().url())
        .interceptor(new SlowCalls(delay))
        .build();
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    try {
      Thread.sleep(delay.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return next.newCall(method, options);
  }
}
