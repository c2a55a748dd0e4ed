// The pages of the site and their order. pages.mjs and the sidebar read it.
export const GROUPS = [
  ['Start', [
    ['Getting started', 'README.md', 'start'],
    ['Reading secrets', 'docs/reading.md'],
    ['Declaring secrets', 'docs/declaring.md'],
    ['References in configuration', 'docs/references.md'],
    ['Testing', 'docs/testing.md'],
  ]],
  ['Stores', [
    ['Encrypted file', 'docs/file-store.md'],
    ['Tailor Platform', 'docs/tailor-platform.md'],
    ['PostgreSQL', 'docs/postgresql.md'],
    ['etcd', 'docs/etcd.md'],
    ['Environment variables', 'docs/environment.md'],
    ['Operations', 'docs/operations.md'],
    ['Command line', 'docs/command-line.md'],
  ]],
  ['Integrations', [
    ['Spring Boot', 'docs/spring-boot.md'],
    ['Database logins', 'docs/databases.md'],
    ['Metrics', 'docs/metrics.md'],
    ['Log masking', 'docs/logging.md'],
    ['TLS', 'docs/tls.md'],
    ['MicroProfile', 'docs/microprofile.md'],
  ]],
  ['Inside', [
    ['Design', 'docs/design.md'],
    ['Rationale', 'docs/rationale.md'],
    ['Performance', 'docs/performance.md'],
    ['File format', 'docs/file-format.md'],
    ['etcd format', 'docs/etcd-format.md'],
    ['Protocol', 'docs/protocol.md'],
  ]],
  ['Project', [
    ['Security', 'SECURITY.md', 'security'],
    ['Stability', 'docs/stability.md'],
    ['Changelog', 'CHANGELOG.md', 'changelog'],
    ['Contributing', 'CONTRIBUTING.md', 'contributing'],
    ['Releasing', 'RELEASING.md', 'releasing'],
  ]],
].map(([title, pages]) => ({
  title,
  pages: pages.map(([text, file, name]) => ({ text, file, name: name ?? file.slice('docs/'.length, -'.md'.length) })),
}))

export const PAGES = GROUPS.flatMap(group => group.pages)
