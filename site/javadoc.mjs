// Copies the Javadoc that `mvn package -Partifacts` made of the published modules into the site, below api/. Prints SKIPPED without it.
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const SITE = dirname(fileURLToPath(import.meta.url))
const ROOT = resolve(SITE, '..')

/** The modules that have Javadoc, by their directories. */
export function documented() {
  return ['.', 'stores', 'integrations']
    .map(parent => join(ROOT, parent))
    .filter(existsSync)
    .flatMap(parent => readdirSync(parent).map(name => ({ name, made: join(parent, name, 'target/reports/apidocs') })))
    .filter(({ name, made }) => name.startsWith('secretmanager-') && existsSync(join(made, 'index.html')))
}

/** The page that leads to all of it. */
export function writePage(file) {
  const modules = documented()
  writeFileSync(
    file,
    modules.length === 0
      ? '# Javadoc\n\nThis site was built without the Javadoc.\n'
      : '# Javadoc\n\n' + modules.map(({ name }) => `- <a href="/api/${name}/index.html" target="_self">${name}</a>`).join('\n') + '\n',
  )
}

export function copyTo(directory) {
  const modules = documented()
  modules.forEach(({ name, made }) => cpSync(made, join(directory, name), { recursive: true }))
  console.log(modules.length === 0 ? 'SKIPPED: the Javadoc, which mvn package -Partifacts -DskipTests makes' : `Javadoc of ${modules.length} modules`)
}

if (process.argv[2]) {
  copyTo(process.argv[2])
}
