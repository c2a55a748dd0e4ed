package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretRequest;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;

/** The same upstream as the AWS caching client sees it, without a network. */
final class AwsUpstream implements SecretsManagerClient {

  private static final String VERSION = "00000000-0000-0000-0000-000000000001";

  private final Upstream upstream;

  AwsUpstream(Upstream upstream) {
    this.upstream = upstream;
  }

  @Override
  public DescribeSecretResponse describeSecret(DescribeSecretRequest request) {
    upstream.call(); // it costs one, as it does there
    return DescribeSecretResponse.builder()
        .name(request.secretId())
        .versionIdsToStages(Map.of(VERSION, List.of("AWSCURRENT")))
        .build();
  }

  @Override
  public GetSecretValueResponse getSecretValue(GetSecretValueRequest request) {
    return GetSecretValueResponse.builder()
        .name(request.secretId())
        .versionId(VERSION)
        .secretString(new String(upstream.load(request.secretId()), UTF_8))
        .build();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
