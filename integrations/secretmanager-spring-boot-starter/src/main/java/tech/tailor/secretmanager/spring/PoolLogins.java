package tech.tailor.secretmanager.spring;

import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.ClassUtils;
import tech.tailor.secretmanager.SecretManager;

/**
 * Puts the logins from secrets under the connection pool that Spring Boot makes of
 * {@code spring.datasource}, before it opens its first connection.
 */
final class PoolLogins implements BeanPostProcessor {

  /** The pool's name in each line of Spring Boot. Other pools may be for other databases. */
  static final String POOL = "dataSource";

  /** Its name where it is in the refresh scope, and the bean of the name above stands for it. */
  private static final String SCOPED_POOL = "scopedTarget." + POOL;

  private static final boolean WITH_HIKARI =
      ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", PoolLogins.class.getClassLoader());

  private final ConfigurableEnvironment environment;
  private final ObjectProvider<SecretManager> manager;
  private final ObjectProvider<SecretChanges> changes;

  PoolLogins(
      ConfigurableEnvironment environment,
      ObjectProvider<SecretManager> manager,
      ObjectProvider<SecretChanges> changes) {
    this.environment = environment;
    this.manager = manager;
    this.changes = changes;
  }

  @Override
  public Object postProcessBeforeInitialization(Object bean, String beanName) {
    if ((beanName.equals(POOL) || beanName.equals(SCOPED_POOL))
        && bean instanceof DataSource pool) {
      if (!WITH_HIKARI || !HikariLogins.isPool(pool)) {
        throw new SecretReferenceException("secretmanager.datasource is set, but the bean \"" + POOL
            + "\" is a " + bean.getClass().getName()
            + " and no pool of HikariCP's; put a SecretDataSource under it yourself");
      }
      new HikariLogins(
              environment,
              DatasourceProperties.of(environment),
              manager.getObject(),
              changes.getObject())
          .putUnder(pool);
    }
    return bean;
  }
}
