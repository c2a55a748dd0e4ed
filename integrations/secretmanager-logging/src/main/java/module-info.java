/** Best-effort masking of secrets in the logs of Logback, Log4j2 and java.util.logging. */
module tech.tailor.secretmanager.logging {
  requires transitive tech.tailor.secretmanager;
  requires static ch.qos.logback.classic;
  requires static ch.qos.logback.core;
  requires static java.logging;
  requires static org.apache.logging.log4j;
  requires static org.apache.logging.log4j.core;
  requires static org.jspecify;
  requires static org.slf4j;

  exports tech.tailor.secretmanager.logging;
}
