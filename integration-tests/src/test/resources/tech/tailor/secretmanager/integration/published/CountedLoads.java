package app;

import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tech.tailor.secretmanager.SecretManager;

/** Prints how often the store was asked. */
@Configuration
public class CountedLoads {

  @Bean
  ApplicationRunner count(SecretManager secrets) {
    return arguments -> System.out.println("LOADS " + secrets.cacheStats().loads());
  }
}
