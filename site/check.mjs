// Checks the links of a built site, with the Javadoc: every page, file and heading that a page links to is there.
// Usage: node check.mjs DIRECTORY
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const LINK = /\s(?:href|src)="([^"]+)"/g
const ID = /\sid="([^"]+)"/g

/** What is wrong, a line each. */
export function problems(directory) {
  const pages = readdirSync(directory, { recursive: true })
    .map(String)
    .filter(file => file.endsWith('.html'))
  const ids = new Map()
  const found = []
  for (const page of pages) {
    const html = readFileSync(join(directory, page), 'utf8')
    for (const [, link] of html.matchAll(LINK)) {
      if (/^[a-z]+:/.test(link) || link.startsWith('//')) {
        continue
      }
      const [path, fragment] = decodeURI(unescaped(link)).split('#')
      const target = path === '' ? join(directory, page) : path.startsWith('/') ? join(directory, path) : resolve(directory, dirname(page), path)
      const file = existsSync(target) && statSync(target).isDirectory() ? join(target, 'index.html') : target
      if (!existsSync(file)) {
        found.push(`${page}: ${link} leads nowhere`)
      } else if (fragment && file.endsWith('.html') && !idsOf(file, ids).has(fragment)) {
        found.push(`${page}: ${link} leads to no heading of ${relative(directory, file)}`)
      }
    }
  }
  return { pages: pages.length, found }
}

function idsOf(file, known) {
  if (!known.has(file)) {
    known.set(file, new Set([...readFileSync(file, 'utf8').matchAll(ID)].map(match => unescaped(match[1]))))
  }
  return known.get(file)
}

/** The text of an attribute. */
function unescaped(html) {
  return html.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { pages, found } = problems(process.argv[2])
  console.log([...found, `${pages} pages, ${found.length} broken links`].join('\n'))
  process.exit(found.length > 0 || pages === 0 ? 1 : 0)
}
