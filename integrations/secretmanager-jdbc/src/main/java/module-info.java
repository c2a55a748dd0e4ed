/** Database logins from secrets. */
module tech.tailor.secretmanager.jdbc {
  requires transitive tech.tailor.secretmanager;
  requires transitive java.sql;
  requires static org.jspecify;

  exports tech.tailor.secretmanager.jdbc;
}
