package app;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;

/** Gives the pool the login by HikariCP's own means, read for each new connection. */
@Component
public class ProvidedLogins implements BeanPostProcessor {

  private static final Pattern LOGIN =
      Pattern.compile("\\{\"username\":\"(.*)\",\"password\":\"(.*)\"}");

  private final ObjectProvider<SecretManager> secrets;

  ProvidedLogins(ObjectProvider<SecretManager> secrets) {
    this.secrets = secrets;
  }

  @Override
  public Object postProcessBeforeInitialization(Object bean, String beanName) {
    if (bean instanceof HikariDataSource pool) {
      pool.setCredentialsProvider(this::current);
    }
    return bean;
  }

  private Credentials current() {
    String text =
        secrets.getObject().withSecret("orders", "db-login", SecretValue::revealString);
    Matcher login = LOGIN.matcher(text);
    if (!login.matches()) {
      throw new IllegalStateException("The login has another form");
    }
    return Credentials.of(login.group(1), login.group(2));
  }
}
