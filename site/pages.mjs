// Makes the pages of the site from the documents of the repository, which stay the only place of each fact: copies them
// to pages/, and makes a page of each source file that one of them links to. A link to anything else fails the build.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, normalize, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PAGES } from './contents.mjs'
import { writePage } from './javadoc.mjs'

const SITE = dirname(fileURLToPath(import.meta.url))
const ROOT = resolve(SITE, '..')
const OUTPUT = join(SITE, 'pages')
const LANGUAGES = { '.java': 'java', '.kt': 'kotlin', '.js': 'js', '.xml': 'xml', '.properties': 'properties', '.json': 'json', '.proto': 'proto' }

rmSync(OUTPUT, { recursive: true, force: true })
mkdirSync(OUTPUT)

const documents = new Map(PAGES.map(page => [page.file, page.name]))
const sources = new Map()
const problems = readdirSync(join(ROOT, 'docs'))
  .map(name => 'docs/' + name)
  .filter(file => file.endsWith('.md') && !documents.has(file))
  .map(file => `${file} is missing in contents.mjs`)

for (const [file, name] of documents) {
  const text = readFileSync(join(ROOT, file), 'utf8')
  writeFileSync(join(OUTPUT, name + '.md'), outsideCode(text, part => part.replace(/\]\(([^)\s]+)\)/g, (link, target) => `](${rewritten(file, target)})`)))
}
for (const [file, name] of sources) {
  const page = join(OUTPUT, name + '.md')
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, `---\naside: false\n---\n# ${basename(file)}\n\n` + files(file).map(block).join('\n'))
}
writePage(join(OUTPUT, 'javadoc.md'))
cpSync(join(ROOT, 'docs/images'), join(OUTPUT, 'images'), { recursive: true })
cpSync(join(SITE, 'home.md'), join(OUTPUT, 'index.md'))
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`${documents.size} documents and ${sources.size} source files`)

/** Applies a change to everything that is not in a code block. */
function outsideCode(text, change) {
  return text
    .split(/^(```[\s\S]*?^```)/m)
    .map(part => (part.startsWith('```') ? part : change(part)))
    .join('')
}

function rewritten(from, target) {
  if (/^[a-z]+:/.test(target) || target.startsWith('#')) {
    return target
  }
  const [path, fragment] = target.split('#')
  const file = normalize(join(dirname(from), path))
  const suffix = fragment ? '#' + fragment : ''
  if (file.startsWith('docs/images/')) {
    return './' + relative('docs', file)
  }
  if (documents.has(file)) {
    return '/' + documents.get(file) + suffix
  }
  const whole = join(ROOT, file)
  if (!existsSync(whole) || relative(ROOT, whole).startsWith('..')) {
    problems.push(`${from}: the link ${target} leads nowhere`)
    return target
  }
  sources.set(file, 'source/' + basename(file).replace(/\./g, '-'))
  return '/' + sources.get(file)
}

/** A file itself; of a module its pom.xml, scripts and sources; of another directory all files. */
function files(file) {
  if (!statSync(join(ROOT, file)).isDirectory()) {
    return [file]
  }
  const isModule = existsSync(join(ROOT, file, 'pom.xml'))
  return readdirSync(join(ROOT, file), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)))
    .filter(each => !isModule || dirname(each) === normalize(file).replace(/\/$/, '') || each.startsWith(join(file, 'src') + '/'))
    .sort()
}

function block(file) {
  const language = LANGUAGES[extname(file)] ?? 'text'
  return `\`${file}\`\n\n\`\`\`\`${language}\n${readFileSync(join(ROOT, file), 'utf8')}\n\`\`\`\`\n`
}
