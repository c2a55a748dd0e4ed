// Makes the Javadoc of all published modules in one, below api/ of the site: one index, one search, links from one module to
// another. What belongs to it, and the libraries that it needs, `mvn package -Partifacts` wrote down when it made the Javadoc of
// each module. Prints SKIPPED without it.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const SITE = dirname(fileURLToPath(import.meta.url))
const ROOT = resolve(SITE, '..')
/** What no application calls. */
const WITHOUT_API = ['secretmanager-cli', 'tech.tailor.secretmanager.envelope.shared']

/** The modules that have Javadoc: their names, directories and packages. */
function documented() {
  return ['.', 'stores', 'integrations']
    .flatMap(parent => readdirSync(join(ROOT, parent)).map(name => ({ name, directory: join(ROOT, parent, name) })))
    .filter(({ name }) => name.startsWith('secretmanager-') && !WITHOUT_API.includes(name))
    .filter(({ directory }) => existsSync(packageList(directory)))
    .map(({ name, directory }) => ({ name, directory, packages: packages(directory) }))
}

function packages(directory) {
  return lines(packageList(directory)).filter(line => !line.startsWith('module:') && !WITHOUT_API.includes(line))
}

function packageList(directory) {
  return join(directory, 'target/reports/apidocs/element-list')
}

function lines(file) {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}

/** The page that leads to all of it. */
export function writePage(file) {
  const modules = documented()
  const link = (path, text) => `<a href="/api/${path}" target="_self">${text}</a>`
  const links = ({ packages }) => packages.map(name => link(name.replaceAll('.', '/') + '/package-summary.html', name)).join(', ')
  writeFileSync(
    file,
    modules.length === 0
      ? '# Javadoc\n\nThis site was built without the Javadoc.\n'
      : `# Javadoc\n\n${link('index.html', 'All of it')}, with search; or the packages of one artifact:\n\n` +
          modules.map(module => `- \`${module.name}\`: ${links(module)}\n`).join(''),
  )
}

/** The jars that the Javadoc of a module was made with. */
function libraries({ directory }) {
  const options = lines(join(directory, 'target/maven-javadoc-plugin-stale-data.txt'))
  return options
    .filter((_, index) => /^--(class|module)-path$|^--patch-module$/.test(options[index - 1]))
    .flatMap(paths => paths.replace(/^[^']*'|'$/g, '').split(delimiter))
    .filter(path => path.endsWith('.jar'))
}

/** All but module descriptors: some of the modules have none, and javadoc takes either all modules or none. */
function sources({ directory, packages }) {
  return packages
    .map(name => join(directory, 'src/main/java', name.replaceAll('.', '/')))
    .flatMap(folder => readdirSync(folder).map(file => join(folder, file)))
    .filter(file => file.endsWith('.java'))
}

function makeIn(directory) {
  const modules = documented()
  if (modules.length === 0) {
    console.log('SKIPPED: the Javadoc, which mvn package -Partifacts -DskipTests makes')
    return
  }
  const options = [
    ['-d', directory],
    ['-classpath', [...new Set(modules.flatMap(libraries))].join(delimiter)],
    ...modules.map(({ name, packages }) => ['-group', name, packages.join(':')]),
    ['-doctitle', 'secretmanager'],
    ['-windowtitle', 'secretmanager'],
    ['-bottom', '<a href="{@docRoot}/../index.html">The documents</a>'],
    ['-encoding', 'UTF-8'],
    ['--release', '17'],
    ...['-protected', '-quiet', '-notimestamp', '-Werror', '-Xdoclint:all,-missing'].map(flag => [flag]),
    ...modules.flatMap(sources).map(file => [file]),
  ]
  const temporary = mkdtempSync(join(tmpdir(), 'javadoc-'))
  try {
    const quoted = option => option.map(word => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ')
    writeFileSync(join(temporary, 'options'), options.map(quoted).join('\n'))
    const home = process.env.JAVA_HOME
    execFileSync(home ? join(home, 'bin/javadoc') : 'javadoc', ['@' + join(temporary, 'options')], { stdio: 'inherit' })
  } finally {
    rmSync(temporary, { recursive: true })
  }
  // The only link to a heading that javadoc then calls otherwise.
  const constants = join(directory, 'constant-values.html')
  writeFileSync(constants, readFileSync(constants, 'utf8').replace('"#tech.tailor"', '"#tech.tailor.secretmanager"'))
  console.log(`Javadoc of ${modules.length} modules`)
}

if (process.argv[2]) {
  makeIn(process.argv[2])
}
