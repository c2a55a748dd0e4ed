// Copies the Javadoc that `mvn package -Partifacts` made of the published modules into the site, below api/. Prints SKIPPED without it.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
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

/** Where the Javadoc of each module says that the others are. */
const PUBLISHED = /https:\/\/javadoc\.io\/doc\/tech\.tailor\.secretmanager\/(secretmanager-[a-z-]+)\/[^/"]+\//g

/** Leads links from one module to another to the copies beside it. */
function link(directory) {
  readdirSync(directory, { recursive: true })
    .filter(file => file.endsWith('.html'))
    .map(file => join(directory, file))
    .forEach(file => {
      const html = readFileSync(file, 'utf8')
      const linked = html.replace(PUBLISHED, (_, name) => relative(dirname(file), join(directory, name)) + '/')
      if (linked !== html) {
        writeFileSync(file, linked)
      }
    })
}

export function copyTo(directory) {
  const modules = documented()
  modules.forEach(({ name, made }) => cpSync(made, join(directory, name), { recursive: true }))
  if (modules.length > 0) {
    link(directory)
  }
  console.log(modules.length === 0 ? 'SKIPPED: the Javadoc, which mvn package -Partifacts -DskipTests makes' : `Javadoc of ${modules.length} modules`)
}

if (process.argv[2]) {
  copyTo(process.argv[2])
}
